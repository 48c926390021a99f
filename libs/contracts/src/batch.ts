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

export const isText = (value: unknown, max = 300): value is string => typeof value === 'string' && value.length <= max;
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
