/** The named texts of an answer, where it has any. */
export function textsIn(answer: unknown, ...names: string[]): Record<string, string> | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const found = Object.entries(answer).filter(([name, value]) => names.includes(name) && typeof value === 'string');
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
