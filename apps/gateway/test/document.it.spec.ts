import {
  actionCatalogue,
  actionNames,
  fieldsOf,
  problems,
  publicEvents,
  saidOfContracts,
  Schemas,
  type AsyncApiDocument,
  type ProblemCode,
} from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { Express } from 'express';
import { ndjson } from '../src/door/ndjson.js';
import { isMiddleware, type Route } from '../src/door/route-of.js';
import type { OpenApiDocument, OperationObject } from '../src/reference/document.js';
import { exampleOf } from '../src/reference/examples.js';
import { Operations } from '../src/reference/operations.js';
import { Credentials, type OpenSessionListDto } from '../src/sign-in/sign-in.dto.js';
import { sendRaw, type Question, type Reply } from './ask.js';
import { Browser, invite, signedIn } from './browser.js';
import { faultsOf } from './conforms.js';
import { goodRequest, hostileRequests, seeded, withQuery } from './hostile.js';
import { bootstrapToken, openDoor, type Door } from './open-door.js';
import { knownApp, knownPerson } from './services.js';

/** What the example of a request cannot come to: there is a workspace, no provider, and the link of the example is nobody's. */
const elsewise: Record<string, number> = { bootstrap: 403, signInByLink: 401, beginSignIn: 404, endSignIn: 404 };

const sessionsOf = async (browser: Browser) => ((await browser.get('/sessions')).json as OpenSessionListDto).sessions;

describe('the document and what it promises', () => {
  let door: Door;
  let document: OpenApiDocument;
  let admin: string;
  let ids: Record<string, string>;
  const ada = 'ada@acme.example';
  const somebody = 'somebody@acme.example';

  beforeAll(async () => {
    door = await openDoor();
    document = (await door.ask({ path: '/api/v1/openapi.json' })).json as OpenApiDocument;
    const opened = await door.openWorkspace();
    admin = opened.admin;
    const body = { orgUrl: 'https://acme.okta.com', token: 'okta-token' };
    const made = await door.ask({ method: 'POST', path: '/api/v1/connections', key: admin, body });
    const connection = (made.json as { id: string }).id;
    const run = door.services.startRun({ workspace: opened.workspace, connection });
    run.state = 'complete';
    const spare = await door.ask({
      method: 'POST',
      path: '/api/v1/keys',
      key: admin,
      body: { name: 'a', role: 'viewer' },
    });
    const key = (spare.json as { id: string }).id;
    const { workspace } = opened;
    await invite(door, admin, ada, 'admin');
    const first = await signedIn(door, admin, ada);
    await first.send('PUT', '/session/password', { password: (exampleOf(Credentials) as Credentials).password });
    const action = door.services.acting.add(workspace, connection).id;
    const { records } = (await door.ask({ path: '/api/v1/audit', key: admin })).json as { records: { id: string }[] };
    const record = records[0]!.id;
    ids = {
      workspace,
      connection,
      run: run.id,
      key,
      action,
      bulk: door.services.jobs.add(workspace, connection).id,
      ...door.services.hooks.add(workspace),
      record,
      member: await invite(door, admin, somebody),
      session: (await sessionsOf(await signedIn(door, admin, somebody)))[0]!.id,
      provider: 'okta',
      person: knownPerson,
      app: knownApp,
      code: 'run_not_found',
      schema: 'person.changed.v1.json',
    };
  });
  afterAll(() => door.close());

  const keyFor = ({ security }: OperationObject) =>
    security.some((one) => 'bootstrapToken' in one) ? bootstrapToken : admin;
  /** What is for a person alone, and how they sign in, comes from a browser; anything else with a key. */
  const askAs = (operation: OperationObject, { headers, ...question }: Question, browser: Browser) =>
    operation.security.every((one) => 'session' in one)
      ? browser.ask({ ...question, headers: { ...headers } })
      : door.ask({ ...question, key: keyFor(operation), headers: { ...headers } });

  const faultsOfAnswer = (operation: OperationObject, reply: Reply): string[] => {
    const documented = operation.responses[String(reply.status)];
    if (!documented) return [`${reply.status} is not documented: ${reply.text.slice(0, 200)}`];
    const [mediaType, media] = Object.entries(documented.content ?? {})[0] ?? [];
    if (mediaType === undefined) return reply.text === '' ? [] : ['there should be no body'];
    if (!reply.headers['content-type']?.startsWith(mediaType)) return [`is ${reply.headers['content-type']}`];
    const isText = mediaType.startsWith('text/') || mediaType === ndjson;
    const value = isText ? reply.text : reply.json;
    const wrong = faultsOf(value, media!.schema, document.components.schemas);
    if (reply.status < 400) return wrong;
    const { code, status } = reply.json as { code: ProblemCode; status: number };
    const told = media!.examples && code in media!.examples;
    return [
      ...wrong,
      ...(told ? [] : [`${code} is not documented`]),
      ...(status === problems[code].status ? [] : ['status']),
    ];
  };

  it('names every route that there is, and none that is not', () => {
    const app: Express = door.app.getHttpAdapter().getInstance();
    const layers = (app.router as unknown as { stack: { route?: Route }[] }).stack;
    const routes = layers
      .flatMap(({ route }) => (route && !isMiddleware(route) ? [route] : []))
      .filter(({ path }) => path.startsWith('/api/') && !path.startsWith('/api/v1/reference'))
      .flatMap(({ path, methods }) =>
        Object.keys(methods).map((method) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
      );
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toEqual(routes.sort());
    expect(documented.length).toBeGreaterThan(25);
  });

  it('says something of every operation', () => {
    const operations = door.app.get(Operations).all();
    const silent = operations.filter(({ facts }) => !facts.summary || !facts.answer.description).map(({ id }) => id);
    expect(silent).toEqual([]);
    expect(operations.length).toBeGreaterThan(50);
  });

  it('says something of every parameter', () => {
    const silent = Object.values(document.paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ operationId, parameters = [] }) =>
        parameters.filter(({ description }) => !description).map(({ name }) => `${operationId}.${name}`),
      );
    expect(silent).toEqual([]);
  });

  it('says something of every field of every body and answer', () => {
    const silent = Object.entries(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties).flatMap(([field, { description }]) => (description ? [] : [`${name}.${field}`])),
    );
    expect(silent).toEqual([]);
  });

  it('says something of the parameters of every action', () => {
    const silent = actionNames.flatMap((action) =>
      fieldsOf(actionCatalogue[action].Parameters).flatMap(({ name, says }) => (says ? [] : [`${action}.${name}`])),
    );
    expect(silent).toEqual([]);
  });

  it('has words for no field that is not there', () => {
    const schemas = document.components.schemas;
    const inSchemas = Object.entries(schemas).flatMap(([name, { properties = {} }]) =>
      Object.keys(properties).map((field) => `${name}.${field}`),
    );
    const asked = door.app
      .get(Operations)
      .all()
      .flatMap(({ body, query, variables, headers }) => [body, query, variables, headers])
      .filter((Type) => Type !== undefined)
      .flatMap((Type) => fieldsOf(Type).map(({ name }) => `${Type.name}.${name}`));
    const ofActions = actionNames.flatMap((action) => {
      const { Parameters } = actionCatalogue[action];
      return fieldsOf(Parameters).map(({ name }) => `${Parameters.name}.${name}`);
    });
    const events = new Schemas();
    for (const { Payload } of publicEvents) events.refer(Payload);
    const ofEvents = Object.entries(events.components).flatMap(([name, { properties = {}, prefixItems = [] }]) =>
      [...Object.keys(properties), ...prefixItems.map(({ title }) => title)].map((field) => `${name}.${field}`),
    );
    const known = new Set([...inSchemas, ...asked, ...ofActions, ...ofEvents]);
    // A contract that others extend is in the document by those alone.
    const bases = new Set(['PersonRow', 'NamedWorkspace', 'WithMail', 'Change']);
    expect(saidOfContracts().filter((said) => !known.has(said) && !bases.has(said.split('.')[0]!))).toEqual([]);
  });

  it('shows examples that fit their own schemas', () => {
    const faults = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ operationId, requestBody, responses }) =>
        [requestBody, ...Object.values(responses)].flatMap((part) =>
          Object.values(part?.content ?? {}).flatMap(({ schema, example, examples = {} }) =>
            [example, ...Object.values(examples).map(({ value }) => value)]
              .filter((value) => value !== undefined)
              .flatMap((value) => faultsOf(value, schema, document.components.schemas))
              .map((fault) => `${operationId} ${fault}`),
          ),
        ),
      ),
    );
    expect(faults).toEqual([]);
  });

  it('answers every documented request, as documented', async () => {
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(methods)) {
        const { query, ...good } = goodRequest(path, method, operation, ids);
        const browser = await signedIn(door, admin, ada);
        const asked = { ...good, path: withQuery(good.path, query) };
        const reply = await askAs(operation, asked, browser);
        const expected = elsewise[operation.operationId] ?? Number(Object.keys(operation.responses)[0]);
        expect([operation.operationId, reply.status, faultsOfAnswer(operation, reply)]).toEqual([
          operation.operationId,
          expected,
          [],
        ]);
      }
  });

  it('refuses whatever is hostile with a problem, as documented, and stores nothing of it', async () => {
    const database = door.app.get(Database);
    const stored = async () => [
      door.services.changes,
      await database.collection('keys').countDocuments(),
      await database.collection('workspaces').countDocuments(),
    ];
    const wrong: string[] = [];
    let asked = 0;
    let refused = 0;
    const browser = await signedIn(door, admin, ada);
    for (const { name, operation, ...question } of hostileRequests(document, ids, seeded(3), 0.5)) {
      const before = await stored();
      const reply = await askAs(operation, question, browser);
      asked++;
      const faults: string[] = [];
      // A hostile variable may lead to another resource of the API, or to none: that is not this operation's answer.
      const elsewhere = reply.status === 405 || (reply.json as { code?: string } | undefined)?.code === 'not_found';
      if (reply.status >= 500) faults.push(`answered ${reply.status} ${reply.text.slice(0, 200)}`);
      if (reply.status >= 400 && !elsewhere) faults.push(...faultsOfAnswer(operation, reply));
      if (reply.status >= 400) {
        refused++;
        if (JSON.stringify(await stored()) !== JSON.stringify(before)) faults.push('something was stored');
      }
      wrong.push(...faults.map((fault) => `${name} → ${fault}`));
    }
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(asked / 2);
  });

  it('answers by a problem what is no request at all, or has too much of a head', async () => {
    const long = await door.ask({ path: `/api/v1/people?search=${'a'.repeat(20_000)}`, key: admin });
    const heavy = await door.ask({ path: '/api/v1/people', key: admin, headers: { 'x-much': 'a'.repeat(20_000) } });
    for (const reply of [long, heavy]) {
      expect(reply.status).toBe(431);
      expect(reply.json).toMatchObject({ status: 431, code: 'request_header_fields_too_large' });
      expect(faultsOfAnswer(document.paths['/api/v1/people']!.get!, reply)).toEqual([]);
    }
    for (const text of [
      'nonsense\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nBad header: b\r\n\r\n',
      '\u0016\u0003\u0001',
    ]) {
      const answer = await sendRaw(door.url, text);
      const [head, body] = answer.split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1.1 400 Bad Request\r\nContent-Type: application\/problem\+json/);
      expect(JSON.parse(body!)).toMatchObject({ status: 400, code: 'invalid_request' });
    }
    expect((await door.ask({ path: '/livez' })).status).toBe(200);
  });

  it('never repeats a body that it could not read: it may hold a token', async () => {
    const body = '{"orgUrl":"https://acme.okta.com","token":"00secret-token" oops';
    const reply = await door.ask({ method: 'POST', path: '/api/v1/connections', key: admin, body });
    expect(reply.status).toBe(400);
    expect(reply.text).not.toContain('secret');
  });

  it('sets the headers that keep a browser from mischief, and names no software', async () => {
    const { headers } = await door.ask({ path: '/api/v1/workspace', key: admin });
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    });
    for (const name of ['x-powered-by', 'access-control-allow-origin', 'etag'])
      expect(headers).not.toHaveProperty(name);
  });

  it('brings the reference page with nothing from elsewhere', async () => {
    const page = await door.ask({ path: '/api/v1/reference' });
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    const links = [...page.text.matchAll(/(?:src|href)=["']([^"']+)/g)].map(([, link]) => link!);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) {
      expect(link).toMatch(/^\.\/reference\//);
      expect((await door.ask({ path: `/api/v1/${link.slice(2)}` })).status).toBe(200);
    }
    expect(page.text.replaceAll(/<script[^>]*>\s*<\/script>/g, '')).not.toContain('<script');
  });

  it('brings the page of the events whole, with no script, and every channel, field and schema on it', async () => {
    const page = await door.ask({ path: '/api/v1/reference/events' });
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['content-security-policy']).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(page.text).not.toMatch(/<script|<[^>]* (style|on\w+)=|(src|href)="\w+:/);
    const events = (await door.ask({ path: '/api/v1/asyncapi.json' })).json as AsyncApiDocument;
    for (const { address } of Object.values(events.channels)) expect(page.text).toContain(`<code>${address}</code>`);
    const fields = Object.values(events.components.schemas).flatMap(({ properties = {} }) => Object.keys(properties));
    expect(fields.filter((field) => !page.text.includes(`<code>${field}</code>`))).toEqual([]);
    const links = [...page.text.matchAll(/href="([^"#]+)"/g)].map(
      ([, link]) => new URL(link!, 'http://door/api/v1/reference/events').pathname,
    );
    expect(links).toContain('/api/v1/reference/events.css');
    const anchors = [...page.text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id!);
    expect(anchors.filter((id) => !page.text.includes(` id="${id}"`))).toEqual([]);
    for (const { name } of publicEvents) links.push(`/api/v1/schemas/${name}.v1.json`);
    for (const path of links) expect([path, (await door.ask({ path })).status]).toEqual([path, 200]);
    expect(await door.ask({ path: '/api/v1/schemas/person.changed.v2.json' })).toMatchObject({ status: 404 });
    expect((await door.ask({ path: '/api/v1/schemas/person.changed.v1.json' })).headers['content-type']).toMatch(
      /^application\/schema\+json/,
    );
  });
});
