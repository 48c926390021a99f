/**
 * A compose file with its variables replaced by what a file of settings (`NAME=value` lines, as `npm run keys` prints them)
 * gives, for a reader that reads no such file. Throws for a variable that must be given and is not.
 */
export function withSettings(compose: string, settings: string): string {
  const given = new Map(
    settings
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const valueOf = (name: string, how = '', other = '') => {
    const value = given.get(name);
    if (value) return value;
    if (how.endsWith('?')) throw new Error(`${name}: ${other}`);
    return value === undefined || how === ':-' ? other : value;
  };
  const variable = String.raw`(?<!\$)\$\{(\w+)(?:(:?[-?])([^}]*))?\}`;
  return compose
    .replaceAll(new RegExp(`(?<=: )${variable}$`, 'gm'), (_match, name: string, how?: string, other?: string) =>
      // Alone it is a string, whatever it looks like.
      JSON.stringify(escaped(valueOf(name, how, other))),
    )
    .replaceAll(new RegExp(variable, 'g'), (_match, name: string, how?: string, other?: string) =>
      escaped(valueOf(name, how, other)),
    );
}

/** A dollar that is meant is written twice in a compose file. */
const escaped = (value: string) => value.replaceAll('$', () => '$$');
