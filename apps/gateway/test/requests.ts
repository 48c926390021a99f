/** A documented path with its variables filled in. */
export const pathOf = (path: string, variables: Record<string, string>): string =>
  path.replace(/\{(\w+)\}/g, (_match, name: string) => variables[name] ?? '');
