import { newId, Refusal, type ConnectionCheck, type ConnectionTestDto } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import type { AuditRecordDto } from '../src/audit/audit.dto.js';
import { openDoor, until, type Door } from './open-door.js';
import { Watcher } from './watcher.js';

const token = 'the-secret-token-of-acme';
const org = { orgUrl: 'https://acme.okta.com/secret-path', token, level: 'read_and_act' };

describe('watching a test of a connection', () => {
  let door: Door;
  let admin: string;
  let workspace: string;

  beforeAll(async () => {
    door = await openDoor();
    ({ admin, workspace } = await door.openWorkspace());
  });
  afterEach(() => (door.services.betweenChecks = () => Promise.resolve()));
  afterAll(() => door.close());

  const watch = (body: object = org, path = '/connection-tests') =>
    new Watcher<ConnectionCheck | ConnectionTestDto>(`${door.url}/api/v1${path}`, admin, body);
  const refusalOf = async (body: object, key = admin) => {
    const { status, json } = await door.ask({ method: 'POST', path: '/api/v1/connection-tests', key, body });
    return [status, (json as { code: string }).code];
  };
  const names = ({ shown }: ReturnType<typeof watch>) => shown.map(({ event, id }) => `${event} ${id}`);

  it('shows each check as it ends, then the verdict, and connects nothing', async () => {
    const changes = door.services.changes;
    let goOn!: () => void;
    door.services.betweenChecks = () => new Promise((resolve) => (goOn = resolve));
    const watcher = watch();
    await until(() => names(watcher), ({ length }) => length > 0); // prettier-ignore
    expect([watcher.status, watcher.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect([names(watcher), watcher.ended]).toEqual([['check token'], false]);
    goOn();
    await until(() => watcher.ended, Boolean);
    const last = watcher.shown.at(-1)!;
    expect(names(watcher)).toEqual(['check token', 'check apps', `ended ${last.id}`]);
    expect(last.data).toMatchObject({ id: last.id, health: 'partial', capabilities: ['users', 'groups', 'usage'] });
    expect((last.data as ConnectionTestDto).checks).toEqual(watcher.shown.slice(0, 2).map(({ data }) => data));
    expect(door.services.tokens.at(-1)).toBe(token);
    expect([door.services.changes, door.services.connections]).toEqual([changes, []]);
  });

  it('shows nothing of another test', async () => {
    let goOn!: () => void;
    door.services.betweenChecks = () => new Promise((resolve) => (goOn = resolve));
    const watcher = watch();
    await until(() => names(watcher), ({ length }) => length > 0); // prettier-ignore
    door.services.betweenChecks = () => Promise.resolve();
    const foreign = { check: 'url', result: 'ok', detail: 'Of another.', mend: '' } as const;
    await door.services.tellChecks(workspace, newId('tst'), [foreign]);
    goOn();
    await until(() => watcher.ended, Boolean);
    expect(JSON.stringify(watcher.shown)).not.toContain('Of another');
    expect(watcher.shown).toHaveLength(3);
  });

  it('tests a connection anew in the same way', async () => {
    const made = await door.ask({
      method: 'POST',
      path: '/api/v1/connections',
      key: admin,
      body: { orgUrl: 'https://acme.okta.com', token },
    });
    const { id } = made.json as { id: string };
    const watcher = watch({}, `/connections/${id}/test/live`);
    await until(() => watcher.ended, Boolean);
    expect(names(watcher).slice(0, 2)).toEqual(['check token', 'check apps']);
    expect(watcher.shown.at(-1)).toMatchObject({
      event: 'ended',
      data: { workspace, orgUrl: 'https://acme.okta.com' },
    });
    expect(await refusalOf({ ...org, connection: newId('con') })).toEqual([404, 'connection_not_found']);
  });

  it('refuses with a problem before the first byte', async () => {
    expect(await refusalOf({ ...org, orgUrl: 'nonsense' })).toEqual([400, 'invalid_org_url']);
    expect(await refusalOf({ orgUrl: org.orgUrl, token })).toEqual([400, 'invalid_request']);
    expect(await refusalOf(org, await door.issue(admin, 'operator'))).toEqual([403, 'forbidden']);
  });

  it('ends without a verdict when the test breaks off', async () => {
    door.services.betweenChecks = () => Promise.reject(new Refusal('service_unavailable', 'Gone.'));
    const watcher = watch();
    await until(() => watcher.ended, Boolean);
    expect(names(watcher)).toEqual(['check token']);
  });

  it('is recorded with the org and the level, and without the token', async () => {
    const { records } = (await door.ask({ path: '/api/v1/audit?what=connection.tested&limit=200', key: admin }))
      .json as { records: AuditRecordDto[] };
    const asked = { orgUrl: 'https://acme.okta.com', level: 'read_and_act' };
    expect(records.at(-1)).toMatchObject({ outcome: 'asked', asked, on: { kind: 'connection', id: null } });
    expect(records.at(-2)).toMatchObject({ outcome: 'done', asked, status: 200 });
    expect(records.filter(({ outcome }) => outcome === 'unknown')).toHaveLength(1);
    expect(JSON.stringify(await door.app.get(Database).collection('audit').find({}).toArray())).not.toContain('secret');
  });
});
