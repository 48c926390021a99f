import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { check } from './check.js';
import { cloudEventType } from './cloud-event.js';
import { directoryChanged } from './changes.js';
import { signInsRecorded } from './directory.js';
import { eventExamples } from './event-says.js';
import { eventSchemaOf } from './event-schemas.js';
import { eventSchemaName } from './cloud-event.js';
import { fieldsOf } from './field-facts.js';
import type { EventType } from './message.js';
import { InvalidRequest } from './problems.js';
import { usageDayChanged } from './usage.js';

const batched: EventType<object>[] = [...Object.values(directoryChanged), signInsRecorded, usageDayChanged];

const isTaken = (Type: EventType<object>['Payload'], value: unknown): boolean => {
  try {
    check(Type, value);
    return true;
  } catch (error) {
    if (error instanceof InvalidRequest) return false;
    throw error;
  }
};

/** Stands for a field that is not there. */
const absent = Symbol('absent');
const without = (fields: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== absent));

const oddities: unknown[] = [
  absent,
  null,
  true,
  '',
  '2026',
  'ACTIVE',
  'deleted',
  'GROUP',
  'with space',
  'one|two',
  'one|two|three',
  'x'.repeat(30),
  'x'.repeat(31),
  'x'.repeat(64),
  'x'.repeat(65),
  '\u{1F600}'.repeat(300),
  '\u{1F600}'.repeat(301),
  0,
  -1,
  1.5,
  1_700_000_000_000,
  {},
  [],
];

describe.each(batched.map((type) => [cloudEventType(type), type] as const))('a batch of %s', (_name, type) => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false });
  addFormats.default(ajv);
  const fits = ajv.compile(eventSchemaOf(type));
  const list = fieldsOf(type.Payload).find(({ batch }) => batch !== undefined)!;
  const { rows } = list.batch!;
  const Item = list.batch!.Item!;
  const names = fieldsOf(Item).map(({ name }) => name);
  const payload = eventExamples[eventSchemaName(type)] as Record<string, unknown>;
  const [given] = payload[list.name] as unknown[];
  const item: Record<string, unknown> = rows
    ? Object.fromEntries(names.map((name, at) => [name, (given as unknown[])[at]]))
    : (given as Record<string, unknown>);
  const sent = (fields: Record<string, unknown>) => ({
    ...payload,
    [list.name]: [rows ? names.map((name) => (fields[name] === absent ? undefined : fields[name])) : without(fields)],
  });

  it('is taken by the quick check, by the rules one by one and by the schema, or by none of them', () => {
    let refused = 0;
    for (const name of names)
      for (const odd of oddities) {
        const fields = { ...item, [name]: odd };
        // What is absent in a row is null on the wire, which is another oddity.
        if (rows && odd === absent) continue;
        const byRules = isTaken(Item, without(fields));
        if (!byRules) refused += 1;
        const verdicts = { name, odd, quick: isTaken(type.Payload, sent(fields)), schema: fits(sent(fields)) };
        expect(verdicts).toEqual({ name, odd, quick: byRules, schema: byRules });
      }
    expect(refused).toBeGreaterThan(names.length * 5);
  });

  it('may have more in it than is known here, and not more items than it says', () => {
    const more = rows ? [...(given as unknown[]), 'more'] : { ...item, more: 1 };
    const many = Array.from({ length: list.batch!.max + 1 }, () => given);
    const outcomes = [more, {}, 'text', null].map((one) => ({ ...payload, [list.name]: [one] }));
    for (const [at, one] of [...outcomes, { ...payload, [list.name]: many }].entries())
      expect([at, isTaken(type.Payload, one), fits(one)]).toEqual([at, at === 0, at === 0]);
  });
});
