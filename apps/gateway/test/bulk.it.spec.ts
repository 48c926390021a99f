import type { BulkDto, BulkItemDto } from '@seatwise/contracts';
import { openDoor, type Door } from './open-door.js';

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_none, n) => `00u${String(n).padStart(17, '0')}`);

describe('bulk jobs at the door', () => {
  let door: Door;
  let admin: string;
  let connection: string;

  beforeAll(async () => {
    door = await openDoor();
    ({ admin } = await door.openWorkspace());
    const body = { orgUrl: 'https://acme.okta.com', token: 'okta-token' };
    const made = await door.ask({ method: 'POST', path: '/api/v1/connections', key: admin, body });
    connection = (made.json as { id: string }).id;
  });
  afterAll(() => door.close());

  let keys = 0;
  const prepare = (body: object, key?: string, idempotencyKey = `key-${(keys += 1)}`) =>
    door.ask({
      method: 'POST',
      path: `/api/v1/connections/${connection}/bulk`,
      ...(key !== undefined && { key }),
      headers: { 'idempotency-key': idempotencyKey },
      body: { action: 'suspend_user', reason: 'A test', ...body },
    });

  it('takes a hundred thousand people in parts that the bus carries, each once, and as one job for its key', async () => {
    const people = ids(100_000);
    const started = performance.now();
    const reply = await prepare({ people }, admin, 'large');
    expect(reply.status).toBe(201);
    expect(performance.now() - started).toBeLessThan(20_000);
    const job = reply.json as BulkDto;
    expect(reply.headers.location).toBe(`/api/v1/bulk/${job.id}`);
    expect(door.services.jobs.kept.find(({ dto }) => dto.id === job.id)!.people).toEqual(people);
    expect(((await prepare({ people }, admin, 'large')).json as BulkDto).id).toBe(job.id);
    expect((await prepare({ people: ids(5) }, admin, 'large')).json).toMatchObject({ code: 'idempotency_key_reused' });
    const twice = (await prepare({ people: [...ids(3), ...ids(3)] }, admin)).json as BulkDto;
    expect(twice.counts.total).toBe(3);
  });

  it('reads a large body of nobody whom it does not know, and on no other route', async () => {
    const people = ids(100_000);
    expect((await prepare({ people })).status).toBe(401);
    expect((await prepare({ people }, await door.issue(admin, 'viewer'))).status).toBe(403);
    const csv = `id\n${'x'.repeat(8_500_000)}`;
    expect(await prepare({ csv }, admin)).toMatchObject({
      status: 413,
      json: { code: 'payload_too_large', detail: 'This request may have a body of at most 8 MB.' },
    });
    const path = `/api/v1/connections/${connection}/actions`;
    const headers = { 'idempotency-key': 'small' };
    const body = { action: 'suspend_user', reason: 'x'.repeat(200_000) };
    expect((await door.ask({ method: 'POST', path, key: admin, headers, body })).status).toBe(413);
  });

  it('keeps nothing of a choice of nobody, of two choices, or of names that are none', async () => {
    const before = door.services.jobs.kept.length;
    for (const choice of [
      {},
      { people: [] },
      { people: ids(2), csv: 'id\n00u1' },
      { people: ['00u1', 'not an id'] },
      { csv: 'id\n' },
      { csv: 'name\nAda' },
      { csv: 'id\n../etc' },
      { filter: {} },
      { filter: { status: null } },
      { filter: { search: '' } },
      { filter: { search: ' \t ' } },
      { people: ids(100_001) },
    ])
      expect([choice, (await prepare(choice, admin)).json]).toEqual([
        choice,
        expect.objectContaining({ code: 'invalid_request' }),
      ]);
    expect(door.services.jobs.kept).toHaveLength(before);
  });

  it('says which lines of a file are of nobody, or leaves them out, and counts who is named again', async () => {
    const [ada, bo] = ids(2);
    const csv = `id\n${ada}\nno id\n${bo}\n\n${ada}\n`;
    const { errors } = (await prepare({ csv }, admin)).json as { errors: { path: string; detail: string }[] };
    expect(errors.map(({ path }) => path)).toEqual(['$.csv', '$.csv']);
    expect(errors.map(({ detail }) => detail).join(' ')).toMatch(/^1 line names .* line 3: "no id"$/);
    const job = (await prepare({ csv, csvName: 'leavers.csv', leaveOutUnknown: true }, admin)).json as BulkDto;
    expect(job.counts.total).toBe(2);
    expect(job.chosenBy).toEqual({ way: 'csv', file: 'leavers.csv', repeated: 1, leftOut: 1 });
    const nobody = await prepare({ csv: 'id\nno id', leaveOutUnknown: true }, admin);
    expect(nobody.json).toMatchObject({ errors: [{ path: '$.csv', detail: 'chooses nobody' }] });
  });

  it('writes a file in which no spreadsheet finds a formula', async () => {
    const { id } = (await prepare({ people: ids(2) }, admin)).json as BulkDto;
    const strange: Partial<BulkItemDto> = { login: '=HYPERLINK("http://x")', detail: 'a, "b"\nc' };
    door.services.jobs.items = (item) => Object.assign(item, strange);
    const { text, headers } = await door.ask({ path: `/api/v1/bulk/${id}/results.csv`, key: admin });
    expect(headers['content-disposition']).toBe(`attachment; filename="${id}.csv"`);
    expect(text.split('\r\n')[1]).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(text).toContain('"a, ""b""\nc"');
  });
});
