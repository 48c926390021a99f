import type { JsonSchema } from '@seatwise/contracts';

/** The words that are for people: nothing that is sent depends on them. */
const unheld = ['$schema', '$id', '$defs', 'title', 'description', 'examples', 'default'];
const held = [
  '$ref',
  'type',
  'enum',
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'items',
  'prefixItems',
  'properties',
  'required',
  'anyOf',
] as const satisfies (keyof JsonSchema)[];
const known = new Set<string>([...unheld, ...held]);

/** A schema, and the document that its references are looked up in. */
interface Placed {
  schema: JsonSchema;
  document: JsonSchema;
}

/**
 * What of `now` breaks somebody who reads by `published`, a sentence each: whatever is sent by the one must be fit for the
 * other, and every field that may be read must still be there. So a field may be added, a choice or a bound may become
 * narrower, and what was optional may always come; nothing may go, be called or typed otherwise, stay away, or become wider.
 * Throws when a schema uses a word that is not understood here.
 */
export const breakingChanges = (published: JsonSchema, now: JsonSchema): string[] =>
  compared({ schema: published, document: published }, { schema: now, document: now }, '$');

function compared(published: Placed, now: Placed, path: string): string[] {
  const [before, after] = [resolved(published), resolved(now)];
  if (before.schema.anyOf || after.schema.anyOf) return comparedChoices(before, after, path);
  return [
    ...comparedTypes(before.schema, after.schema, path),
    ...comparedBounds(before.schema, after.schema, path),
    ...comparedFields(before, after, path),
    ...comparedItems(before, after, path),
  ];
}

/** Each thing that may be sent now must be fit for one of those that might be sent before. */
function comparedChoices(before: Placed, after: Placed, path: string): string[] {
  const choicesOf = ({ schema, document }: Placed) =>
    schema.anyOf ? schema.anyOf.map((one) => ({ schema: one, document })) : [{ schema, document }];
  return choicesOf(after).flatMap((choice) => {
    const reasons = choicesOf(before).map((one) => compared(one, choice, path));
    return reasons.some((reason) => reason.length === 0) ? [] : [`${path} may be something that it was not before`];
  });
}

function comparedTypes(before: JsonSchema, after: JsonSchema, path: string): string[] {
  if (before.type === undefined) return [];
  const [were, are] = [[before.type].flat(), [after.type ?? 'anything'].flat()];
  const isFit = (type: string) => were.includes(type) || (type === 'integer' && were.includes('number'));
  return are.every(isFit) ? [] : [`${path} was ${were.join(' or ')} and is ${are.join(' or ')}`];
}

function comparedBounds(before: JsonSchema, after: JsonSchema, path: string): string[] {
  const wider: string[] = [];
  const say = (word: string) => wider.push(`${path} has another ${word}, or none, and was held to it`);
  const values = after.enum;
  if (before.enum && !values?.every((value) => before.enum!.includes(value)))
    wider.push(`${path} may have a value that it had not before`);
  for (const word of ['pattern', 'format'] as const)
    // A choice of its values keeps what a pattern would have let through.
    if (before[word] !== undefined && before[word] !== after[word] && !(values && word === 'pattern')) say(word);
  for (const word of ['minLength', 'minimum', 'minItems'] as const)
    if (before[word] !== undefined && (after[word] ?? -Infinity) < before[word]) say(word);
  for (const word of ['maxLength', 'maximum', 'maxItems'] as const)
    if (before[word] !== undefined && (after[word] ?? Infinity) > before[word]) say(word);
  if (before.uniqueItems && !after.uniqueItems) say('uniqueItems');
  return wider;
}

function comparedFields(before: Placed, after: Placed, path: string): string[] {
  const always = new Set(after.schema.required);
  const fields = after.schema.properties ?? {};
  return Object.entries(before.schema.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    const own = fields[name];
    if (!own) return [`${at} is gone`];
    const stays = !before.schema.required?.includes(name) || always.has(name);
    return [
      ...(stays ? [] : [`${at} was always there and may be absent`]),
      ...compared({ ...before, schema: field }, { ...after, schema: own }, at),
    ];
  });
}

function comparedItems(before: Placed, after: Placed, path: string): string[] {
  const places = (before.schema.prefixItems ?? []).flatMap((item, at) => {
    const own = after.schema.prefixItems?.[at];
    const place = `${path}[${at}]`;
    if (!own) return [`${place} is gone`];
    const isSame = item.title === own.title;
    return [
      ...(isSame ? [] : [`${place} was ${item.title} and is ${own.title}`]),
      ...compared({ ...before, schema: item }, { ...after, schema: own }, place),
    ];
  });
  const items = before.schema.items as JsonSchema | undefined;
  if (!items) return places;
  const own = (after.schema.items ?? {}) as JsonSchema;
  return [...places, ...compared({ ...before, schema: items }, { ...after, schema: own }, `${path}[]`)];
}

function resolved({ schema, document }: Placed): Placed {
  const strange = Object.keys(schema).filter((word) => !known.has(word));
  if (strange.length > 0) throw new Error(`schemas are not compared by ${strange.join(', ')}`);
  if (schema.$ref === undefined) return { schema, document };
  const found = document.$defs?.[schema.$ref.replace('#/$defs/', '')];
  if (!found) throw new Error(`${schema.$ref} leads nowhere`);
  return resolved({ schema: found, document });
}
