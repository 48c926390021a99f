import { eventSchemas, type JsonSchema } from '@seatwise/contracts';
import { breakingChanges } from './breaking.js';
import { brokenBy, publishedFolder, readSchemas, schemasFolder } from './kept.js';

const schemas = eventSchemas();

describe('the schemas of the events', () => {
  it('are those that the classes give: npm run schemas writes them', () => {
    expect(readSchemas(schemasFolder)).toEqual(JSON.parse(JSON.stringify(schemas)));
  });

  it('break nobody who reads by the published ones', () => {
    expect(brokenBy(readSchemas(publishedFolder), schemas)).toEqual([]);
  });
});

/** What is at this place of a schema, which must be there. */
function at(schema: object, ...path: string[]): JsonSchema {
  let found: object | undefined = schema;
  for (const step of path) found = found && (Reflect.get(found, step) as object | undefined);
  if (!found) throw new Error(`there is no ${path.join('.')}`);
  return found;
}

type Change = (schema: JsonSchema) => void;
const person = (schema: JsonSchema) => at(schema, '$defs', 'PersonChange');
const row = (schema: JsonSchema) => at(schema, '$defs', 'SignInRow').prefixItems ?? [];
const values = (schema: JsonSchema) => at(schema, 'properties', 'status').enum ?? [];
const without = (schema: JsonSchema, name: string) => {
  delete schema.properties?.[name];
  schema.required = schema.required?.filter((one) => one !== name) ?? [];
};
const toBe = (schema: JsonSchema, name: string, now: JsonSchema) =>
  void Object.assign(schema.properties ?? {}, { [name]: now });

const changed = (name: string, change: Change): string[] => {
  const published = at(schemas, name);
  const schema = structuredClone(published);
  change(schema);
  return breakingChanges(published, schema);
};

describe('a change of a schema', () => {
  it.each<[string, string, Change, string]>([
    ['takes a field away', 'person.changed.v1', (s) => without(person(s), 'email'), '$.changes[].email is gone'],
    [
      'renames a field',
      'person.changed.v1',
      (s) => {
        toBe(person(s), 'mail', at(person(s), 'properties', 'email'));
        without(person(s), 'email');
      },
      '$.changes[].email is gone',
    ],
    [
      'types a field otherwise',
      'person.changed.v1',
      (s) => toBe(person(s), 'created', { type: ['string', 'null'], format: 'date-time' }),
      '$.changes[].created was integer or null and is string or null',
    ],
    [
      'lets a field be null',
      'person.changed.v1',
      (s) => toBe(person(s), 'login', { type: ['string', 'null'], maxLength: 300 }),
      '$.changes[].login was string and is string or null',
    ],
    [
      'lets a field be absent that was always there',
      'directory.complete.v1',
      (s) => void (s.required = ['workspace', 'connection', 'run']),
      '$.asOf was always there and may be absent',
    ],
    [
      'adds a value to a choice',
      'person.changed.v1',
      (s) => void values(person(s)).push('ARCHIVED'),
      '$.changes[].status may have a value that it had not before',
    ],
    [
      'lets a text be longer',
      'group.changed.v1',
      (s) => void (at(s, '$defs', 'GroupChange', 'properties', 'name').maxLength = 500),
      '$.changes[].name has another maxLength, or none, and was held to it',
    ],
    [
      'puts another thing into a place of a row',
      'sign-ins.recorded.v1',
      (s) => void row(s).unshift(...row(s).splice(-1)),
      '$.signIns[][0] was uuid and is app',
    ],
    ['takes a place of a row away', 'sign-ins.recorded.v1', (s) => void row(s).pop(), '$.signIns[][3] is gone'],
    [
      'makes an object a list',
      'action.done.v1',
      (s) => toBe(s, 'by', { type: 'array', items: { type: 'string' } }),
      '$.by was object and is array',
    ],
    [
      'takes a field away in what may be null',
      'action.failed.v1',
      (s) => without(at(s, '$defs', 'ActionFault'), 'possible'),
      '$.fault may be something that it was not before',
    ],
  ])('that %s is refused', (_what, name, change, reason) => {
    expect(changed(name, change)).toContain(reason);
  });

  it.each<[string, string, Change]>([
    ['adds a field that may be absent', 'person.changed.v1', (s) => toBe(person(s), 'manager', { type: 'string' })],
    [
      'adds a field that is always there',
      'person.changed.v1',
      (s) => {
        toBe(person(s), 'manager', { type: ['string', 'null'] });
        person(s).required?.push('manager');
      },
    ],
    ['has a field always come', 'sign-ins.recorded.v1', (s) => void s.required?.push('completeUpTo')],
    ['gives up a value of a choice', 'person.changed.v1', (s) => void values(person(s)).pop()],
    [
      'lets a field be null no more',
      'assignment.changed.v1',
      (s) => toBe(at(s, '$defs', 'AssignmentChange'), 'created', { type: 'integer' }),
    ],
    ['puts one more into a row', 'sign-ins.recorded.v1', (s) => void row(s).push({ title: 'address', type: 'string' })],
    [
      'says something in other words',
      'person.changed.v1',
      (s) => Object.assign(at(person(s), 'properties', 'email'), { description: 'Where mail reaches them.' }),
    ],
  ])('that %s is taken', (_what, name, change) => {
    expect(changed(name, change)).toEqual([]);
  });

  it('is refused where an event is not published any more, and taken where a new one is', () => {
    const { 'group.changed.v1': _gone, ...left } = schemas;
    expect(brokenBy(schemas, left)).toEqual(['group.changed.v1: is not published any more']);
    expect(brokenBy(schemas, { ...schemas, 'group.changed.v2': at(schemas, 'group.changed.v1') })).toEqual([]);
  });

  it('is not judged in words that are not understood', () => {
    const known = at(schemas, 'app.changed.v1');
    const strange = { ...known, not: { type: 'null' } } as JsonSchema;
    expect(() => breakingChanges(known, strange)).toThrow(/not compared by not/);
  });
});
