import { openDoor, until, type Door } from './open-door.js';

describe('a snapshot', () => {
  let door: Door;
  let key: string;
  beforeAll(async () => {
    door = await openDoor();
    const { admin } = await door.openWorkspace();
    const body = { orgUrl: 'https://acme.okta.com', token: 'okta-token' };
    await door.ask({ method: 'POST', path: '/api/v1/connections', key: admin, body });
    key = await door.issue(admin, 'viewer');
  });
  afterAll(() => door.close());

  /** Resolves when no page was asked for between two looks. */
  const whenStill = async () => {
    const { mirror } = door.services;
    for (let before = -1; before !== mirror.asked; await new Promise((resolve) => setTimeout(resolve, 500)))
      before = mirror.asked;
    return mirror.asked;
  };

  it('is a line for each thing that it has to say, for whoever may read', async () => {
    const { status, headers, text } = await door.ask({ path: '/api/v1/snapshot', key });
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson']);
    const types = text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { type: string }).type); // prettier-ignore
    expect(types).toEqual([
      'snapshot.started',
      'seatwise.v1.connection.changed',
      'seatwise.v1.group.changed',
      'snapshot.ended',
    ]);
    expect((await door.ask({ path: '/api/v1/snapshot' })).json).toMatchObject({ code: 'unauthenticated' });
  });

  it('is read no faster than it is taken, and not at all when whoever asked has gone', async () => {
    const { mirror } = door.services;
    Object.assign(mirror, { asked: 0, endless: true });
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${key}` };
    const { body } = await fetch(`${door.url}/api/v1/snapshot`, { headers, signal: gone.signal });
    const reader = body!.getReader();
    await reader.read();
    const still = await whenStill();
    expect(still).toBeGreaterThan(0);
    const read = async () => void (await reader.read());
    await until(read, () => mirror.asked > still + 5);
    gone.abort();
    await whenStill();
    Object.assign(mirror, { endless: false });
    expect((await door.ask({ path: '/api/v1/snapshot', key })).text).toContain('snapshot.ended');
  });
});
