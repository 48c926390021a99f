import { registerDecorator } from 'class-validator';

/**
 * A list of very many small things, checked by one plain function instead of a class each: class-validator costs some
 * microseconds a field, and a batch has tens of thousands. `fault` says what is wrong with an item, or nothing.
 */
export const IsBatchOf =
  (fault: (item: unknown) => string | undefined, max: number): PropertyDecorator =>
  (target, property) => {
    let reason = '';
    registerDecorator({
      name: 'isBatchOf',
      target: target.constructor,
      propertyName: property as string,
      validator: {
        validate(value: unknown) {
          if (!Array.isArray(value)) reason = 'must be a list';
          else if (value.length > max) reason = `must have at most ${max} items`;
          else {
            const at = value.findIndex((item) => (reason = fault(item) ?? '') !== '');
            if (at < 0) return true;
            reason = `item ${at}: ${reason}`;
          }
          return false;
        },
        defaultMessage: () => `${property as string} ${reason}`,
      },
    });
  };

/** NATS takes a mebibyte a message unless its operator allows more; headers need a part of it. */
const mostBytes = 600_000;

/** Cuts a list into parts that each fit a message: at most `most` items, and no more bytes of JSON than NATS carries. */
export function* partsOf<T>(items: readonly T[], most: number): Generator<T[]> {
  let part: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item));
    if (part.length > 0 && (part.length >= most || bytes + size > mostBytes)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(item);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

export const isText = (value: unknown, max = 300): value is string => typeof value === 'string' && value.length <= max;
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
