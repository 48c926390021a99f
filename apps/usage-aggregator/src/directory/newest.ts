import { InvalidRequest } from '@seatwise/contracts';

/** Of changes of the same thing in one page the newest. */
export function newestOf<C extends { id: string; v: number }>(changes: C[]): C[] {
  const newest = new Map<string, C>();
  for (const change of changes) if (change.v > (newest.get(change.id)?.v ?? -1)) newest.set(change.id, change);
  return [...newest.values()];
}

/** Throws {@link InvalidRequest} when a field is not of its kind: such a page can never be taken. */
export function demand<C extends { id: string }>(
  changes: C[],
  fields: Partial<Record<keyof C & string, 'string' | 'boolean'>>,
): void {
  const kinds = Object.entries(fields) as [keyof C & string, string][];
  for (const [at, change] of changes.entries())
    for (const [field, kind] of kinds)
      if (typeof change[field] !== kind)
        throw new InvalidRequest([{ path: `$.changes[${at}].${field}`, detail: `must be a ${kind}` }]);
}
