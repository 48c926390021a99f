/** Of changes of the same thing in one page the newest. */
export function newestOf<C extends { id: string; v: number }>(changes: C[]): C[] {
  const newest = new Map<string, C>();
  for (const change of changes) if (change.v > (newest.get(change.id)?.v ?? -1)) newest.set(change.id, change);
  return [...newest.values()];
}
