import { t } from '../texts';

/** Whoever did something: a person who was signed in, an API key, or a key that a person issued. */
interface Who {
  key: string | null;
  person?: { email: string } | null;
  role: string;
}

/** Who that was, in words: a person by their address, a key by the end of its id. */
export function whoIn({ key, person, role }: Who): string {
  const name = [person?.email, key && t.who.key(key.slice(-6))].filter(Boolean).join(' · ');
  return name || (role === 'nobody' ? t.who.nobody : t.who.operator);
}

/** The same with the role in which they did it. */
export const whoAndRoleIn = (who: Who): string =>
  who.key || who.person ? `${whoIn(who)} (${t.shell.roles[who.role as 'admin'] ?? who.role})` : whoIn(who);
