import type { JsonSchema } from '@seatwise/contracts';

type Components = Record<string, JsonSchema>;

/**
 * What of `value` does not fit `schema`, as sentences. It knows the words of JSON Schema that the document uses, and
 * says so when it meets another.
 */
export function faultsOf(value: unknown, schema: JsonSchema, components: Components, path = '$'): string[] {
  const unknown = Object.keys(schema).filter((word) => !words.has(word));
  if (unknown.length > 0) return [`${path}: the schema says ${unknown.join(', ')}, which is not understood here`];
  if (schema.$ref) return faultsOf(value, components[schema.$ref.split('/').at(-1)!] ?? {}, components, path);
  if (schema.anyOf) {
    const fits = schema.anyOf.some((one) => faultsOf(value, one, components, path).length === 0);
    return fits ? [] : [`${path}: fits none of anyOf`];
  }
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value)))
    return [`${path}: is not ${types.join(' or ')} but ${JSON.stringify(value)?.slice(0, 80)}`];
  if (schema.enum && !schema.enum.includes(value)) return [`${path}: is none of the enum`];
  if (typeof value === 'string') return textFaults(value, schema, path);
  if (typeof value === 'number') return numberFaults(value, schema, path);
  if (Array.isArray(value)) return listFaults(value, schema, components, path);
  return isRecord(value) ? objectFaults(value, schema, components, path) : [];
}

const words = new Set(
  '$schema $ref type format description enum pattern minLength maxLength minimum maximum default items maxItems uniqueItems properties required additionalProperties anyOf writeOnly'.split(
    ' ',
  ),
);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isOf(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isRecord(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}

function textFaults(value: string, { minLength = 0, maxLength = Infinity, pattern }: JsonSchema, path: string) {
  const faults =
    value.length < minLength || value.length > maxLength ? [`${path}: has ${value.length} characters`] : [];
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) faults.push(`${path}: does not match ${pattern}`);
  return faults;
}

function numberFaults(value: number, { minimum = -Infinity, maximum = Infinity }: JsonSchema, path: string) {
  return value < minimum || value > maximum ? [`${path}: is ${value}`] : [];
}

function listFaults(value: unknown[], schema: JsonSchema, components: Components, path: string): string[] {
  const { items = {}, maxItems = Infinity, uniqueItems = false } = schema;
  const faults = value.length > maxItems ? [`${path}: has ${value.length} items`] : [];
  if (uniqueItems && new Set(value).size < value.length) faults.push(`${path}: says the same twice`);
  return [...faults, ...value.flatMap((item, n) => faultsOf(item, items as JsonSchema, components, `${path}[${n}]`))];
}

function objectFaults(value: Record<string, unknown>, schema: JsonSchema, components: Components, path: string) {
  const { properties = {}, required = [], additionalProperties = true } = schema;
  const missing = required.filter((name) => value[name] === undefined).map((name) => `${path}.${name}: is missing`);
  const own = Object.entries(value).flatMap(([name, item]) => {
    if (properties[name]) return faultsOf(item, properties[name], components, `${path}.${name}`);
    return additionalProperties ? [] : [`${path}.${name}: is not in the schema`];
  });
  return [...missing, ...own];
}
