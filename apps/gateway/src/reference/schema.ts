import type { Shape } from '@seatwise/contracts';
import { fieldsOf, type FieldFacts, type Rule } from '../door/fields.js';

/** A JSON Schema (2020-12), as far as it is used here. */
export interface JsonSchema {
  $schema?: string;
  $ref?: string;
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
  items?: JsonSchema;
  maxItems?: number;
  uniqueItems?: boolean;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean;
  writeOnly?: boolean;
  anyOf?: JsonSchema[];
}

/** The schemas of all contracts that were asked for, by name. */
export class Schemas {
  readonly components: Record<string, JsonSchema> = {};
  private readonly types = new Map<string, Shape<object>>();

  /** Refers to the schema of `Type`, which is made when it is first asked for. `closed`: unknown fields are refused. */
  refer(Type: Shape<object>, { closed = false } = {}): JsonSchema {
    const name = Type.name.replace(/Dto$/, '');
    const same = this.types.get(name);
    if (same && same !== Type) throw new Error(`two contracts would be called ${name} in the document`);
    if (!same) {
      this.types.set(name, Type);
      this.components[name] = this.objectOf(Type, closed);
    }
    return { $ref: `#/components/schemas/${name}` };
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
    return field.nullable ? orNull(schema) : schema;
  }

  private listOf(field: FieldFacts, closed: boolean): JsonSchema {
    const { true: ofItems = [], false: ofList = [] } = Object.groupBy(field.rules, ({ each }) => `${each}`);
    const list = ofList.reduce<JsonSchema>((schema, rule) => ({ ...schema, ...listSchemaOf(rule) }), { type: 'array' });
    return { ...list, items: this.itemOf(field, ofItems, closed) };
  }

  private itemOf({ Nested }: FieldFacts, rules: Rule[], closed: boolean): JsonSchema {
    if (Nested) return this.refer(Nested, { closed });
    return rules.reduce<JsonSchema>((schema, rule) => ({ ...schema, ...schemaOf(rule) }), {});
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
