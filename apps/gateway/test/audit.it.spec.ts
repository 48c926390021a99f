import './quiet.js';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { actionDone, actionRequested, eventEntry, newId, type ActionDto, type ActionName } from '@seatwise/contracts';
import { Streams, type MessageContext } from '@seatwise/messaging';
import { Database } from '@seatwise/persistence';
import { root, testServers } from '@seatwise/testing';
import { ActionRecords } from '../src/audit/action-records.js';
import { AuditLog } from '../src/audit/audit-log.js';
import type { AuditRecordDto } from '../src/audit/audit.dto.js';
import { AuditRepository } from '../src/audit/audit.repository.js';
import type { AuditFacts, AuditRecord } from '../src/audit/record.js';
import { UnfinishedRequests } from '../src/audit/unfinished.js';
import { Operations } from '../src/reference/operations.js';
import { bootstrapToken, openDoor, until, type Door } from './open-door.js';

const run = promisify(execFile);

const actionOf = (workspace: string, own: Partial<ActionDto> = {}): ActionDto => ({
  id: newId('act'),
  workspace,
  connection: `con_${'1'.repeat(25)}`,
  action: 'suspend_user',
  state: 'done',
  person: '00u1ab2cd3EF4gh5I6x7',
  login: 'ada@acme.example',
  parameters: {},
  reason: 'On leave until January',
  by: { key: `key_${'1'.repeat(25)}`, role: 'operator' },
  dryRun: false,
  createdAt: '2026-11-23T09:15:00.000Z',
  endedAt: '2026-11-23T09:15:02.000Z',
  effect: 'changed',
  verified: true,
  secret: 'none',
  before: { status: 'ACTIVE' },
  after: { status: 'SUSPENDED' },
  requests: [
    {
      method: 'POST',
      path: '/api/v1/users/00u1ab2cd3EF4gh5I6x7/lifecycle/suspend',
      sent: 1,
      status: 200,
      code: '',
      requestId: 'Zx81kQ',
      body: { not: 'recorded' },
    },
  ],
  fault: null,
  undoes: null,
  undoneBy: null,
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  version: 3,
  ...own,
});

const brief = ({ what, outcome, code }: AuditRecordDto) => `${what} ${code ?? outcome}`;
const idOf = (reply: { json: unknown }) => (reply.json as { id: string }).id;

describe('the audit log', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  const list = async (key: string, query = ''): Promise<AuditRecordDto[]> => {
    const reply = await door.ask({ path: `/api/v1/audit?limit=200${query}`, key });
    expect([query, reply.status]).toEqual([query, 200]);
    return (reply.json as { records: AuditRecordDto[] }).records;
  };
  const post = (path: string, key: string, body?: object) =>
    door.ask({ method: 'POST', path: `/api/v1${path}`, key, ...(body && { body }) });
  const collection = () => door.app.get(Database).collection<AuditRecord>('audit');

  it('says who connected, rotated and disconnected what, and never shows a token', async () => {
    const { admin, workspace } = await door.openWorkspace();
    const orgUrl = 'https://user:secret-password@acme.okta.com/secret-path?secret=query';
    const connect = { orgUrl, token: 'the-secret-token', name: 'Acme' };
    const connection = idOf(await post('/connections', admin, connect));
    await post(`/connections/${connection}/token`, admin, { token: 'another-secret-token' });
    const settings = { level: 'read_and_act' };
    await door.ask({ method: 'PATCH', path: `/api/v1/connections/${connection}`, key: admin, body: settings });
    await post(`/connections/${connection}/sync`, admin);
    await door.ask({ method: 'DELETE', path: `/api/v1/connections/${connection}?history=keep`, key: admin });
    const records = (await list(admin)).toReversed();
    expect(records.map(brief)).toEqual([
      'workspace.opened done',
      ...['connected', 'rotated', 'changed'].flatMap((what) => [`connection.${what} asked`, `connection.${what} done`]),
      'run.started asked',
      'run.started done',
      'connection.disconnected asked',
      'connection.disconnected done',
    ]);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, n) => n + 1));
    const [opened, asked, connected] = records;
    expect(opened).toMatchObject({ who: { key: null, role: 'bootstrap' }, on: { kind: 'workspace', id: workspace } });
    const key = /key_[0-9a-z]{25}/.exec(admin)![0];
    for (const record of records.slice(1)) expect(record.who).toEqual({ key, person: null, role: 'admin' });
    expect(asked).toMatchObject({ operation: asked!.id, on: { kind: 'connection', id: null }, status: null });
    expect(asked!.asked).toEqual({ name: 'Acme', orgUrl: 'https://acme.okta.com' });
    const on = { kind: 'connection', id: connection, name: 'Acme' };
    expect(connected).toMatchObject({ operation: asked!.id, on, connection, status: 201 });
    expect(records.find(({ what }) => what === 'connection.changed')!.asked).toEqual(settings);
    expect(records.at(-1)).toMatchObject({ on: { id: connection }, asked: { history: 'keep' }, status: 204 });
    expect(JSON.stringify(await collection().find({}).toArray())).not.toContain('secret');
  });

  it('keeps a record of every operation that changes something, by its name, whoever asks and whatever comes of it', async () => {
    const { admin } = await door.openWorkspace();
    const changing = door.app
      .get(Operations)
      .all()
      // Signing in and what goes with a session is tried where people sign in.
      .filter(({ method, facts }) => method !== 'get' && !facts.personal && !facts.samePage);
    expect(changing.length).toBeGreaterThan(20);
    const prefixes: Record<string, string> = { workspace: 'ws', connection: 'con', action: 'act', bulk: 'blk' };
    const unrecorded: string[] = [];
    for (const { id, method, path, facts } of changing) {
      const at = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => `${prefixes[name] ?? name}_${'0'.repeat(25)}`);
      const before = await collection().countDocuments();
      const key = facts.allows === 'bootstrap' ? bootstrapToken : admin;
      await door.ask({ method: method.toUpperCase(), path: at, key, body: {} });
      const [newest] = await collection().find({}).sort({ _id: -1 }).limit(1).toArray();
      const isNamed = facts.audited !== undefined && newest?.what === facts.audited;
      if (!isNamed || (await collection().countDocuments()) === before) unrecorded.push(`${id}: ${newest?.what}`);
    }
    expect(unrecorded).toEqual([]);
  });

  it('says who issued and revoked which key, and does not show it', async () => {
    const { admin } = await door.openWorkspace();
    const issued = await post('/keys', admin, { name: 'Reporting', role: 'viewer' });
    const id = idOf(issued);
    await door.ask({ method: 'DELETE', path: `/api/v1/keys/${id}`, key: admin });
    const [revoked, , made] = await list(admin);
    expect(made).toMatchObject({ what: 'key.issued', outcome: 'done', on: { kind: 'key', id, name: 'Reporting' } });
    expect(made!.asked).toEqual({ name: 'Reporting', role: 'viewer' });
    expect(revoked).toMatchObject({ what: 'key.revoked', outcome: 'done', on: { kind: 'key', id } });
    const text = (issued.json as { key: string }).key;
    expect(JSON.stringify(await collection().find({}).toArray())).not.toContain(text.slice(-48));
  });

  it('says what was refused, and what the role did not allow', async () => {
    const { admin } = await door.openWorkspace();
    const viewer = await door.issue(admin, 'viewer');
    const operator = await door.issue(admin, 'operator');
    const before = (await list(admin)).length;
    expect((await post('/keys', admin, { name: '' })).status).toBe(400);
    expect((await post(`/runs/run_${'0'.repeat(25)}/cancel`, admin)).status).toBe(404);
    expect((await post('/keys', operator, { name: 'Mine', role: 'admin' })).status).toBe(403);
    expect((await post('/keys', 'sw_nobody', { name: 'Mine', role: 'admin' })).status).toBe(401);
    for (const key of [viewer, operator])
      for (const path of ['/audit', '/audit.csv', `/audit/aud_${'0'.repeat(25)}`])
        expect((await door.ask({ path: `/api/v1${path}`, key })).json).toMatchObject({ code: 'forbidden' });
    const records = (await list(admin)).toReversed().slice(before);
    expect(records.map(brief)).toEqual([
      'key.issued invalid_request',
      'run.cancelled asked',
      'run.cancelled run_not_found',
      'key.issued forbidden',
      ...['listRecords', 'exportRecords', 'getRecord'].map((what) => `${what} forbidden`),
      ...['listRecords', 'exportRecords', 'getRecord'].map((what) => `${what} forbidden`),
    ]);
    expect(records[3]).toMatchObject({ who: { role: 'operator' }, outcome: 'refused', status: 403, asked: null });
  });

  it('keeps each workspace to itself, and what the operator does without one from all of them', async () => {
    const mine = await door.openWorkspace();
    const theirs = await door.openWorkspace();
    const [record] = await list(mine.admin);
    const path = `/api/v1/audit/${record!.id}`;
    expect((await door.ask({ path, key: mine.admin })).json).toEqual(record);
    expect(await door.ask({ path, key: theirs.admin })).toMatchObject({
      status: 404,
      json: { code: 'audit_record_not_found' },
    });
    expect(JSON.stringify(await list(theirs.admin))).not.toContain(mine.workspace);
    expect((await door.ask({ path: '/api/v1/audit.csv', key: theirs.admin })).text).not.toContain(record!.id);
    const asked = await collection().findOne({ workspace: 'operator', operation: record!.operation, outcome: 'asked' });
    expect(asked).toMatchObject({ who: { key: null, role: 'bootstrap' }, what: 'workspace.opened' });
  });

  it('records what actions come to, each event once, with the answers of Okta', async () => {
    const { admin, workspace } = await door.openWorkspace();
    const action = actionOf(workspace, { undoes: newId('act'), bulk: newId('blk') });
    const begun = { requests: [], endedAt: null, effect: null, verified: false, before: null, after: null };
    const asked = actionOf(workspace, { id: action.id, undoes: action.undoes, ...begun, state: 'accepted' });
    const streams = door.app.get(Streams);
    const event = newId('evt');
    await streams.publishEntry({ ...eventEntry(actionRequested, workspace, asked), id: newId('evt') });
    await streams.publishEntry({ ...eventEntry(actionDone, workspace, action), id: event });
    const records = await until(
      () => list(admin, `&operation=${action.id}`),
      ({ length }) => length >= 2,
    );
    // Told again, as after a crash between the commit and the acknowledgement.
    const again = { id: event } as MessageContext;
    await Promise.all([1, 2].map(() => door.app.get(ActionRecords).done(action, again)));
    expect(await list(admin, `&operation=${action.id}`)).toEqual(records);
    expect(records.map(brief)).toEqual(['action.done done', 'action.requested asked']);
    expect(records[0]).toMatchObject({
      source: event,
      at: action.endedAt,
      action: 'suspend_user',
      on: { kind: 'person', id: action.person, name: action.login },
      who: action.by,
      reason: action.reason,
      before: action.before,
      after: action.after,
      effect: 'changed',
      verified: true,
      undoes: action.undoes,
      bulk: action.bulk,
      okta: [{ method: 'POST', status: 200, code: '', requestId: 'Zx81kQ' }],
      traceId: action.traceId,
    });
    expect(records[1]).toMatchObject({ effect: null, verified: null, undoes: action.undoes });
    expect(JSON.stringify(records)).not.toContain('not');
  });

  it('finds by key, what, action, person, connection, time and text, and pages without losing or repeating one', async () => {
    const { admin, workspace } = await door.openWorkspace();
    const tell = (own: Partial<ActionDto>) =>
      door.app.get(ActionRecords).done(actionOf(workspace, own), { id: newId('evt') } as MessageContext);
    const names: ActionName[] = ['suspend_user', 'unlock_user', 'delete_user'];
    for (let n = 0; n < 12; n++)
      await tell({
        action: names[n % 3]!,
        person: `00u${n % 4}`,
        login: `p${n}.[x]@acme.example`,
        reason: n === 7 ? 'Because of (a+b)*' : 'So',
        connection: `con_${String(n % 2).repeat(25)}`,
        by: { key: `key_${String(n % 6).repeat(25)}`, role: 'admin' },
        endedAt: `2026-11-${10 + n}T00:00:00.000Z`,
      });
    const found = async (query: string) => (await list(admin, query)).map(({ at }) => Number(at.slice(8, 10)) - 10);
    const done = '&what=action.done';
    expect(await found(done)).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(await found('&action=unlock_user')).toEqual([10, 7, 4, 1]);
    expect(await found('&person=00u3')).toEqual([11, 7, 3]);
    expect(await found(`&connection=con_${'1'.repeat(25)}`)).toEqual([11, 9, 7, 5, 3, 1]);
    expect(await found(`&key=key_${'5'.repeat(25)}`)).toEqual([11, 5]);
    expect(await found(`${done}&from=2026-11-12&to=2026-11-14T00:00:00Z`)).toEqual([3, 2]);
    expect(await found('&search=P1.%5BX%5D@')).toEqual([1]);
    expect(await found('&search=(A%2Bb)*')).toEqual([7]);
    expect(await found('&search=.*')).toEqual([]);
    const document = (await door.ask({ path: '/api/v1/openapi.json' })).json as {
      paths: Record<string, { get: { parameters: { name: string; description?: string }[] } }>;
    };
    for (const path of ['/api/v1/audit', '/api/v1/audit.csv'])
      expect(document.paths[path]!.get.parameters.find(({ name }) => name === 'search')!.description).toMatch(/reason.+code.+name in words.+id/); // prettier-ignore
    expect(await found('&search=Unlock%20User')).toEqual([10, 7, 4, 1]);
    expect(await found('&search=unlock_u')).toEqual([10, 7, 4, 1]);
    expect(await found('&search=00U3')).toEqual([11, 7, 3]);
    expect(await found(`&search=key_${'5'.repeat(25)}`)).toEqual([11, 5]);
    const [opened] = await list(admin, '&search=workspace%20opened');
    expect(opened).toMatchObject({ what: 'workspace.opened', on: { id: workspace } });
    expect(await list(admin, '&search=workspace.op')).toEqual([opened]);
    expect(await list(admin, `&search=${opened!.id.slice(4)}`)).toEqual([opened]);
    expect(await found(`${done}&action=delete_user&person=00u1`)).toEqual([5]);
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path = `/api/v1/audit?limit=5${done}${cursor && `&cursor=${cursor}`}`;
      const page = (await door.ask({ path, key: admin })).json as { records: AuditRecordDto[]; nextCursor: string };
      seen.push(...page.records.map(({ seq }) => seq));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => 13 - n));
    expect((await door.ask({ path: '/api/v1/audit?cursor=7', key: admin })).json).toMatchObject({
      code: 'invalid_cursor',
    });
  });

  it('is had as CSV, in which nothing is a formula and every field stays one', async () => {
    const { admin, workspace } = await door.openWorkspace();
    const odd = {
      login: '=HYPERLINK("http://evil")',
      reason: '@so,\r\n"quoted"',
      before: null,
      parameters: { a: ',"' },
    };
    await door.app.get(ActionRecords).done(actionOf(workspace, odd), { id: newId('evt') } as MessageContext);
    const reply = await door.ask({ path: '/api/v1/audit.csv?what=action.done', key: admin });
    expect(reply).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/csv; charset=utf-8; header=present',
        'content-disposition': 'attachment; filename="audit.csv"',
      },
    });
    const [header, ...rows] = reply.text.split('\r\n');
    expect(header).toMatch(/^id,seq,at,what,action,outcome,/);
    expect(rows.join('\r\n')).toContain(
      `,"'=HYPERLINK(""http://evil"")",con_${'1'.repeat(25)},"'@so,\r\n""quoted""","{""a"":"",\\""""}",,`,
    );
    expect(reply.text.endsWith('\r\n')).toBe(true);
    const head = await door.ask({ method: 'HEAD', path: '/api/v1/audit.csv', key: admin });
    expect([head.status, head.text]).toEqual([200, '']);
  });

  it('sends a long file whole, whose reader may go away in the middle', async () => {
    const { admin, workspace } = await door.openWorkspace();
    const action = actionOf(workspace, { after: { much: 'x'.repeat(2_000) } });
    const records = door.app.get(ActionRecords);
    await Promise.all(
      Array.from({ length: 1_500 }, () => records.done(action, { id: newId('evt') } as MessageContext)),
    );
    const headers = { authorization: `Bearer ${admin}` };
    for (let n = 0; n < 5; n++) {
      const gone = new AbortController();
      const response = await fetch(`${door.url}/api/v1/audit.csv`, { headers, signal: gone.signal });
      gone.abort();
      await response.text().catch(() => undefined);
    }
    // Those that went away do not count as open any more.
    const reply = await until(
      () => door.ask({ path: '/api/v1/audit.csv?what=action.done', key: admin }),
      ({ status }) => status === 200,
    );
    expect(reply.text.split('\r\n')).toHaveLength(1_502);
  });

  it('refuses what cannot be recorded, does nothing of it, and records that later', async () => {
    const { admin } = await door.openWorkspace();
    const audit = door.app.get(AuditRepository);
    const append = audit.append.bind(audit);
    const away = Object.assign(new Error('gone'), { name: 'MongoNetworkError' });
    audit.append = () => Promise.reject(away);
    const { changes } = door.services;
    const reply = await post('/connections', admin, { orgUrl: 'https://acme.okta.com', token: 'okta-token' });
    expect(reply).toMatchObject({ status: 503, json: { code: 'service_unavailable' } });
    expect(door.services.changes).toBe(changes);
    audit.append = append;
    const records = await until(
      () => list(admin),
      ({ length }) => length === 3,
    );
    expect(records.map(brief).slice(0, 2)).toEqual([
      'connection.connected service_unavailable',
      'connection.connected asked',
    ]);
  });

  it('says of a request whose gateway was killed that its outcome is not known, once', async () => {
    const { admin, workspace } = await door.openWorkspace();
    await door.issue(admin, 'viewer');
    const {
      _id: id,
      seq: _seq,
      previous: _previous,
      hash: _hash,
      ...like
    } = (await collection().findOne({
      workspace,
      what: 'key.issued',
      outcome: 'asked',
    }))!;
    const operation = newId('aud');
    const begun: AuditFacts = { ...like, id: operation, operation, source: operation };
    expect(id).toBe(like.operation);
    await door.app.get(AuditLog).append(begun);
    const unfinished = door.app.get(UnfinishedRequests);
    const soon = new Date(Date.now() + 1_000);
    expect(await unfinished.settle(new Date(begun.at.getTime() - 1))).toBe(0);
    await Promise.all([unfinished.settle(soon), unfinished.settle(soon)]);
    expect(await unfinished.settle(soon)).toBe(0);
    expect((await list(admin, `&operation=${operation}`)).map(brief)).toEqual([
      'key.issued unknown',
      'key.issued asked',
    ]);
  });

  it('is verified by a command, which ends with 1 when something was changed', async () => {
    const { admin, workspace } = await door.openWorkspace();
    await door.issue(admin, 'viewer');
    const { mongoUrl } = await testServers();
    const command = (...options: string[]) =>
      run(process.execPath, [join(root, 'apps/gateway/dist/verify-audit.js'), ...options], {
        env: { MONGODB_URL: mongoUrl },
      }).then(
        ({ stdout }) => ({ code: 0, stdout }),
        ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
      );
    const good = await command('--workspace', workspace);
    expect(good).toEqual({ code: 0, stdout: expect.stringContaining('\n3 records, no change found\n') as string });
    expect(await command()).toMatchObject({ code: 0, stdout: expect.stringContaining('operator: ') as string });
    await collection().updateOne({ workspace, seq: 2 }, { $set: { 'asked.role': 'admin' } });
    expect(await command('--workspace', workspace)).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^ws_\w+: record 2 \(aud_\w+\) was changed\. The 1 records/) as string,
    });
    expect((await command()).code).toBe(1);
    expect((await command('--workspace', newId('ws'))).code).toBe(1);
    expect((await command('--nonsense')).code).toBe(2);
  });
});
