import { registerDecorator } from 'class-validator';
import { fieldsOf, type FieldFacts, type Rule } from './field-facts.js';
import type { Shape } from './message.js';

/** A list of very many small things: what each of them is, and how they are written. */
export interface Batch {
  /** What declares their fields; absent: they have none. */
  Item?: Shape<object>;
  max: number;
  /** Items are lists of the values of the fields, in the order in which `Item` declares them. */
  rows: boolean;
}

/** What is wrong with an item, or nothing. */
type Fault = (item: unknown) => string | undefined;

/** A list of very many small things, checked by one plain function. */
export const IsManyOf = (fault: Fault, max: number): PropertyDecorator => isBatch({ max, rows: false }, () => fault);

/**
 * A list of very many small things. They are checked by plain functions that are made once of the rules that `Item` declares,
 * for class-validator costs some microseconds a field, and a batch has tens of thousands. They stay as they came: no
 * instances are made of them.
 */
export const IsBatchOf = (Item: Shape<object>, max: number, { rows = false } = {}): PropertyDecorator =>
  isBatch({ Item, max, rows }, () => quickCheckOf(Item, rows));

const isBatch =
  (batch: Batch, makeFault: () => Fault): PropertyDecorator =>
  (target, property) => {
    let reason = '';
    let fault: Fault | undefined;
    registerDecorator({
      name: 'isBatchOf',
      target: target.constructor,
      propertyName: property as string,
      constraints: [batch],
      validator: {
        validate(value: unknown) {
          const faultOf = (fault ??= makeFault());
          if (!Array.isArray(value)) reason = 'must be a list';
          else if (value.length > batch.max) reason = `must have at most ${batch.max} items`;
          else {
            const at = value.findIndex((item) => (reason = faultOf(item) ?? '') !== '');
            if (at < 0) return true;
            reason = `item ${at}: ${reason}`;
          }
          return false;
        },
        defaultMessage: () => `${property as string} ${reason}`,
      },
    });
  };

function quickCheckOf(Item: Shape<object>, rows: boolean): Fault {
  const fields = fieldsOf(Item);
  const checks = fields.map((field, at) => ({ at: rows ? at : field.name, fault: quickFieldCheckOf(field) }));
  const isShaped = rows
    ? (item: unknown) => Array.isArray(item) && item.length >= checks.length
    : (item: unknown) => isRecord(item);
  const shape = rows ? `must be [${fields.map(({ name }) => name).join(', ')}]` : 'must be an object';
  return (item) => {
    if (!isShaped(item)) return shape;
    for (const { at, fault } of checks) {
      const found = fault((item as Record<string | number, unknown>)[at]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function quickFieldCheckOf({ name, rules, optional, takesNull }: FieldFacts): Fault {
  const tests = rules.map(quickRuleOf);
  return (value) => {
    if ((takesNull && value === null) || (optional && value === undefined)) return undefined;
    const broken = tests.find(({ fits }) => !fits(value));
    return broken && `${name} must ${broken.says}`;
  };
}

interface QuickRule {
  fits: (value: unknown) => boolean;
  says: string;
}

/** As class-validator understands them. */
const quickRules: Record<string, (...constraints: never[]) => QuickRule> = {
  isString: () => ({ fits: (value) => typeof value === 'string', says: 'be text' }),
  minLength: (least: number) => ({
    fits: (value) => typeof value === 'string' && value.length >= least,
    says: `have at least ${least} characters`,
  }),
  maxLength: (most: number) => ({
    // As JSON Schema counts, a character outside of the first plane of Unicode is one.
    fits: (value) => typeof value === 'string' && (value.length <= most || Array.from(value).length <= most),
    says: `have at most ${most} characters`,
  }),
  matches: (pattern: RegExp) => ({
    fits: (value) => typeof value === 'string' && pattern.test(value),
    says: `match ${pattern.source}`,
  }),
  isIn: (values: readonly unknown[]) => ({
    fits: (value) => values.includes(value),
    says: `be one of ${values.join(', ')}`,
  }),
  isInt: () => ({ fits: Number.isInteger, says: 'be a whole number' }),
  min: (least: number) => ({
    fits: (value) => typeof value === 'number' && value >= least,
    says: `be at least ${least}`,
  }),
  isBoolean: () => ({ fits: (value) => typeof value === 'boolean', says: 'be true or false' }),
};

function quickRuleOf({ name, constraints }: Rule): QuickRule {
  const make = quickRules[name];
  if (!make) throw new Error(`a batch cannot be held to ${name}`);
  return make(...(constraints as never[]));
}

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

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
