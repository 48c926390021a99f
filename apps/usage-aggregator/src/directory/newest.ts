import { InvalidRequest } from '@seatwise/contracts';

/** Of changes of the same thing in one page the newest. */
export function newestOf<C extends { id: string; v: number }>(changes: C[]): C[] {
  const newest = new Map<string, C>();
  for (const change of changes) if (change.v > (newest.get(change.id)?.v ?? -1)) newest.set(change.id, change);
  return [...newest.values()];
}

/** Throws {@link InvalidRequest} when one of these fields is not text: such a page can never be taken. */
export function demandTexts<C extends { id: string }>(changes: C[], fields: (keyof C & string)[]): void {
  for (const [at, change] of changes.entries())
    for (const field of fields)
      if (typeof change[field] !== 'string')
        throw new InvalidRequest([{ path: `$.changes[${at}].${field}`, detail: 'must be text' }]);
}
