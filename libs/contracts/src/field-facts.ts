import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import type { Batch } from './batch.js';
import type { Shape } from './message.js';
import { saysOf } from './says.js';

/** One rule of a field: class-validator's name for it, its arguments, and whether it is meant for each item. */
export interface Rule {
  name: string;
  constraints: unknown[];
  each: boolean;
  /** Of a choice: there will be more to choose from. */
  grows: boolean;
  /** The pattern that readers are told, where it is not the one that is held to. */
  told: string | undefined;
}

/** What the decorators of a contract say about one of its fields. */
export interface FieldFacts {
  name: string;
  rules: Rule[];
  optional: boolean;
  nullable: boolean;
  /** Null is taken: for nothing, or where the field may be absent as well. */
  takesNull: boolean;
  list: boolean;
  /** The list of very many things that it is, where it is one. */
  batch: Batch | undefined;
  number: boolean;
  /** The contract of the field or of its items, where it has one. */
  Nested: Shape<object> | undefined;
  default: unknown;
  /** What the reference says of it: the `says` in the `context` of one of its rules, or the contract's words for it. */
  says: string | undefined;
}

const known = new WeakMap<object, FieldFacts[]>();

/** The fields of a contract, from class-validator's and class-transformer's own records: nothing is said twice. */
export function fieldsOf(Type: Shape<object>): FieldFacts[] {
  let fields = known.get(Type);
  if (!fields) known.set(Type, (fields = factsOf(Type)));
  return fields;
}

function factsOf(Type: Shape<object>): FieldFacts[] {
  const storage = getMetadataStorage();
  const byField = storage.groupByPropertyName(storage.getTargetValidationMetadatas(Type, '', false, false));
  const defaults = new Type() as Record<string, unknown>;
  return Object.entries(byField).map(([name, metadata]) => {
    const conditions = metadata
      .filter(({ type }) => type === 'conditionalValidation')
      .map(({ constraints }) => (constraints as ((object: object, value: unknown) => boolean)[])[0]!);
    const rules = metadata
      .filter(({ type }) => type !== 'conditionalValidation')
      .map(({ type, name: rule, constraints, each, context }) => ({
        name: rule ?? type,
        constraints: (constraints as unknown[] | undefined) ?? [],
        each: each ?? false,
        grows: (context as { grows?: boolean } | undefined)?.grows ?? false,
        told: (context as { told?: string } | undefined)?.told,
      }));
    const skips = (value: unknown) => conditions.some((applies) => !applies({ [name]: value }, value));
    const optional = skips(undefined) || defaults[name] !== undefined;
    const batch = rules.find((rule) => rule.name === 'isBatchOf')?.constraints[0] as Batch | undefined;
    const list = batch !== undefined || rules.some((rule) => rule.name === 'isArray');
    return {
      name,
      rules,
      optional,
      // An optional field may be absent; only a field that is always there says "nothing" by null.
      nullable: !skips(undefined) && skips(null),
      takesNull: skips(null),
      list,
      batch,
      number: !list && rules.some((rule) => rule.name === 'isInt' || rule.name === 'isNumber'),
      Nested: batch?.Item ?? nestedOf(Type, name, list),
      default: defaults[name],
      says:
        metadata
          .map(({ context }) => (context as { says?: string } | undefined)?.says)
          .find((text) => text !== undefined) ?? saysOf(Type, name),
    };
  });
}

/** The class that class-transformer makes of a plain object in this place. */
function nestedOf(Type: Shape<object>, name: string, list: boolean): Shape<object> | undefined {
  const made = plainToInstance(Type, { [name]: list ? [{}] : {} }) as Record<string, unknown>;
  const item: unknown = list ? (made[name] as unknown[])[0] : made[name];
  const Made = (typeof item === 'object' ? item?.constructor : undefined) as Shape<object> | undefined;
  if (Made && Made !== (Object as unknown)) return isContract(Made) ? Made : undefined;
  const Declared = Reflect.getMetadata('design:type', Type.prototype as object, name) as Shape<object> | undefined;
  return Declared && isContract(Declared) ? Declared : undefined;
}

const isContract = (Type: Shape<object>): boolean =>
  getMetadataStorage().getTargetValidationMetadatas(Type, '', false, false).length > 0;
