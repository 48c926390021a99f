/** What a person or an API key may do; each role may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

export const covers = (held: Role, needed: Role): boolean => roles.indexOf(held) >= roles.indexOf(needed);
