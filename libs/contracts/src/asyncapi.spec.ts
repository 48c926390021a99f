import { Parser, type Input } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { asyncApiOf, type AsyncApiDocument } from './asyncapi.js';
import { eventSchemaName } from './cloud-event.js';
import { eventExamples, saysOfEvents } from './event-says.js';
import { eventSchemas } from './event-schemas.js';
import type { JsonSchema } from './json-schema.js';
import { publicEvents } from './webhooks.js';

const document = asyncApiOf();
const schemas = new Map(Object.entries(eventSchemas()));

const parse = async (input: AsyncApiDocument) => {
  const { diagnostics, document: parsed } = await new Parser().parse(JSON.parse(JSON.stringify(input)) as Input);
  const severe = diagnostics.filter(({ severity }) => [0, 1].includes(severity));
  return { faults: severe.map(({ message, path }) => `${path.join('.')}: ${message}`), parsed };
};

const urlOf = (publicUrl?: string) => asyncApiOf({ publicUrl }).components.messages.personChanged?.externalDocs.url;

describe('the AsyncAPI document', () => {
  it('is one for the parser of AsyncAPI itself', async () => {
    const { faults, parsed } = await parse(document);
    expect(faults).toEqual([]);
    expect(parsed?.version()).toBe('3.0.0');
    expect(parsed?.allChannels().all()).toHaveLength(publicEvents.length);
  });

  it('would not be one with a reference that leads nowhere', async () => {
    const lost = structuredClone(document);
    Object.assign(lost.operations, { sendPersonChanged: { action: 'send', channel: { $ref: '#/channels/nobody' } } });
    expect((await parse(lost)).faults).not.toEqual([]);
  });

  it('shows examples that fit its own schemas', () => {
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema(document, 'asyncapi');
    for (const [
      key,
      {
        examples: [example],
      },
    ] of Object.entries(document.components.messages))
      for (const part of ['headers', 'payload'] as const) {
        const fits = ajv.compile({ $ref: `asyncapi#/components/messages/${key}/${part}` });
        expect([key, fits(example?.[part]), fits.errors]).toEqual([key, true, null]);
        expect(fits({})).toBe(false);
      }
  });

  it('has a channel and a message for each event that may leave Seatwise, and none for another', () => {
    const addresses = Object.values(document.channels).map(({ address }) => address);
    expect(addresses).toEqual(publicEvents.map(({ name, version }) => `seatwise.v${version}.{workspace}.${name}`));
    expect(Object.values(document.components.messages).map(({ name }) => name)).toEqual(
      publicEvents.map(({ name, version }) => `seatwise.v${version}.${name}`),
    );
    expect(addresses.join()).not.toContain('directory.seen');
  });

  it('names the address of each schema where one is known, and its name where none is', () => {
    expect(urlOf('https://seatwise.example')).toBe('https://seatwise.example/api/v1/schemas/person.changed.v1.json');
    expect(urlOf()).toBe('urn:seatwise:schema:person.changed.v1');
  });
});

describe('the schemas of the events', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictTuples: false });
  addFormats.default(ajv);

  it.each([...schemas])('%s is of 2020-12 and its example fits', (name, schema) => {
    const fits = ajv.compile(schema);
    expect([fits(eventExamples[name]), fits.errors]).toEqual([true, null]);
    expect(fits({})).toBe(false);
  });

  it('say something of every event and of every field', () => {
    const silent = [...schemas].flatMap(([name, schema]) =>
      [schema, ...Object.values(schema.$defs ?? {})].flatMap((one) =>
        fieldsIn(one)
          .filter(isSilent)
          .map(([field]) => `${name}.${field}`),
      ),
    );
    expect(silent).toEqual([]);
    const names = publicEvents.map(eventSchemaName).toSorted();
    expect([Object.keys(saysOfEvents).toSorted(), Object.keys(eventExamples).toSorted()]).toEqual([names, names]);
  });

  it('leave open what will grow', () => {
    const action = schemas.get('action.failed.v1');
    expect(action?.$defs?.ActionFault?.properties?.code).toEqual({ type: 'string', description: expect.any(String) });
    expect(action?.properties?.state).toHaveProperty('enum');
    // There will be other kinds of ids as well.
    expect(action?.properties?.workspace?.pattern).toBe('^ws_[0-9a-z]{25}$');
  });
});

const isSilent = ([, { description }]: [string, JsonSchema]) => !description;

const fieldsIn = ({ properties = {}, prefixItems = [] }: JsonSchema): [string, JsonSchema][] => [
  ...Object.entries(properties),
  ...prefixItems.map((place): [string, JsonSchema] => [place.title ?? '', place]),
];
