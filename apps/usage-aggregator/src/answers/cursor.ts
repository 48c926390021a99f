import { Refusal } from '@seatwise/contracts';

/** Where a page ended: the value it was sorted by, and the id that breaks ties. */
export interface Position {
  value: string | number | null;
  id: string;
}

/** An opaque cursor. It names the sorting it belongs to, since it means nothing in another. */
export const cursorAt = (sorting: string, { value, id }: Position): string =>
  Buffer.from(JSON.stringify([sorting, value, id])).toString('base64url');

/** Where the cursor points. Throws the refusal `invalid_cursor` for one that was not made by {@link cursorAt}. */
export function positionOf(
  sorting: string,
  cursor: string | undefined,
  valueType: 'string' | 'number',
): Position | undefined {
  if (cursor === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw wrongCursor();
  }
  if (!Array.isArray(parts) || parts.length !== 3) throw wrongCursor();
  const [own, value, id] = parts as unknown[];
  if (own !== sorting || typeof id !== 'string') throw wrongCursor();
  if (value === null && valueType === 'number') return { value, id };
  if (typeof value === 'string' && valueType === 'string') return { value, id };
  if (typeof value === 'number' && valueType === 'number') return { value, id };
  throw wrongCursor();
}

const wrongCursor = () =>
  new Refusal('invalid_cursor', 'Use the nextCursor of the page before, with the same sort and order, or none.');

/** The condition for what comes after a position, where nothing (null) sorts before everything, as in MongoDB. */
export function beyond(field: string, order: 'asc' | 'desc', { value, id }: Position): object {
  const tie = { [field]: value, _id: order === 'asc' ? { $gt: id } : { $lt: id } };
  if (order === 'asc') return { $or: [{ [field]: value === null ? { $ne: null } : { $gt: value } }, tie] };
  return value === null ? tie : { $or: [{ [field]: { $lt: value } }, { [field]: null }, tie] };
}
