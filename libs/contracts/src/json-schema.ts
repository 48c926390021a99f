import type { Batch } from './batch.js';
import { fieldsOf, type FieldFacts, type Rule } from './field-facts.js';
import type { Shape } from './message.js';
import { contractName } from './says.js';

export const jsonSchemaDialect = 'https://json-schema.org/draft/2020-12/schema';

/** A JSON Schema (2020-12), as far as it is used here. */
export interface JsonSchema {
  $schema?: string;
  $id?: string;
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  title?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: unknown;
  examples?: unknown[];
  prefixItems?: JsonSchema[];
  items?: JsonSchema | JsonSchema[];
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean;
  writeOnly?: boolean;
  anyOf?: JsonSchema[];
}

export interface SchemaOptions {
  /** Where the document has them. */
  under?: string;
  /**
   * For whoever reads what is told over the years: a list of values that will grow is not shown as one that is whole, ids are
   * of the kind of their field, moments have their format, and what may be absent may be null: it has been both. The API
   * itself is held to other words.
   */
  forReaders?: boolean;
  /** In the words of draft-07, as AsyncAPI's own schemas are. */
  draft07?: boolean;
}

/** The schemas of all contracts that were asked for, by name. */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};
  private readonly types = new Map<string, Shape<object>>();

  constructor(private readonly options: SchemaOptions = {}) {}

  /** Refers to the schema of `Type`, which is made when it is first asked for. `closed`: unknown fields are refused. */
  refer(Type: Shape<object>, { closed = false } = {}): JsonSchema {
    return this.referTo(Type, () => this.objectOf(Type, closed));
  }

  private referTo(Type: Shape<object>, make: () => JsonSchema): JsonSchema {
    const name = contractName(Type);
    const same = this.types.get(name);
    if (same && same !== Type) throw new Error(`two contracts would be called ${name} in the document`);
    if (!same) {
      this.types.set(name, Type);
      this.components[name] = make();
    }
    return { $ref: `${this.options.under ?? '#/components/schemas'}/${name}` };
  }

  /** The schema itself, of a contract that is not to be referred to. */
  objectOf(Type: Shape<object>, closed: boolean): JsonSchema {
    const fields = fieldsOf(Type);
    const required = fields.filter(({ optional }) => !optional).map(({ name }) => name);
    return {
      type: 'object',
      properties: Object.fromEntries(
        fields.map((field) => [
          field.name,
          { ...this.fieldOf(field, closed), ...(field.says !== undefined && { description: field.says }) },
        ]),
      ),
      ...(required.length > 0 && { required }),
      ...(closed && { additionalProperties: false }),
    };
  }

  fieldOf(field: FieldFacts, closed = false): JsonSchema {
    const bare = field.list ? this.listOf(field, closed) : this.itemOf(field, field.rules, closed);
    const schema = field.default === undefined ? bare : { ...bare, default: field.default };
    return (this.options.forReaders ? field.takesNull : field.nullable) ? orNull(schema) : schema;
  }

  private listOf(field: FieldFacts, closed: boolean): JsonSchema {
    const { true: ofItems = [], false: ofList = [] } = Object.groupBy(field.rules, ({ each }) => `${each}`);
    const list = ofList.reduce<JsonSchema>((schema, rule) => ({ ...schema, ...listSchemaOf(rule) }), { type: 'array' });
    const { Item, rows } = field.batch ?? {};
    const items = Item && rows ? this.referTo(Item, () => this.rowOf(Item)) : this.itemOf(field, ofItems, closed);
    return { ...list, items };
  }

  /** More may be put at the end of a row, as more fields may be put into an object. */
  private rowOf(Item: Shape<object>): JsonSchema {
    const fields = fieldsOf(Item);
    const prefixItems = fields.map((field) => ({
      title: field.name,
      ...this.fieldOf(field),
      ...(field.says !== undefined && { description: field.says }),
    }));
    const places = this.options.draft07 ? { items: prefixItems } : { prefixItems };
    return { type: 'array', ...places, minItems: fields.length };
  }

  private itemOf({ Nested }: FieldFacts, rules: Rule[], closed: boolean): JsonSchema {
    if (Nested) return this.refer(Nested, { closed });
    const schema = rules.reduce<JsonSchema>((known, rule) => ({ ...known, ...this.ruleOf(rule) }), {});
    if (!this.options.forReaders || !rules.some(({ name }) => name === 'isIso8601')) return schema;
    return { ...schema, format: schema.pattern === undefined ? 'date-time' : 'date' };
  }

  private ruleOf(rule: Rule): JsonSchema {
    const schema = schemaOf(rule);
    if (!this.options.forReaders) return schema;
    const { enum: values, ...rest } = rule.told === undefined ? schema : { ...schema, pattern: rule.told };
    return values && !rule.grows ? { ...rest, enum: values } : rest;
  }
}

const schemaByRule: Record<string, (...constraints: never[]) => JsonSchema> = {
  isString: () => ({ type: 'string' }),
  isNotEmpty: () => ({ minLength: 1 }),
  minLength: (least: number) => ({ minLength: least }),
  maxLength: (most: number) => ({ maxLength: most }),
  matches: (pattern: RegExp) => ({ type: 'string', pattern: pattern.source }),
  isEmail: () => ({ type: 'string', format: 'email' }),
  isUrl: () => ({ type: 'string', format: 'uri' }),
  // class-validator means any moment or day of ISO 8601; where a day is meant, a pattern says so beside.
  isIso8601: () => ({ type: 'string' }),
  isIn: (values: readonly unknown[]) => ({ type: typeof values[0], enum: [...values] }),
  isInt: () => ({ type: 'integer' }),
  isNumber: () => ({ type: 'number' }),
  isBoolean: () => ({ type: 'boolean' }),
  isObject: () => ({ type: 'object' }),
  min: (least: number) => ({ minimum: least }),
  max: (most: number) => ({ maximum: most }),
};

function listSchemaOf({ name, constraints }: Rule): JsonSchema {
  if (name === 'arrayMaxSize') return { maxItems: constraints[0] as number };
  if (name === 'isBatchOf') return { maxItems: (constraints[0] as Batch).max };
  return name === 'arrayUnique' ? { uniqueItems: true } : {};
}

function schemaOf({ name, constraints }: Rule): JsonSchema {
  return schemaByRule[name]?.(...(constraints as never[])) ?? {};
}

function orNull(schema: JsonSchema): JsonSchema {
  if (schema.$ref) return { anyOf: [schema, { type: 'null' }] };
  if (schema.type === undefined) return schema;
  return {
    ...schema,
    type: [schema.type, 'null'].flat(),
    ...(schema.enum && { enum: [...schema.enum, null] }),
  };
}
