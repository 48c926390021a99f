import type { RunDto } from '@seatwise/contracts';
import { startTelemetry } from '@seatwise/observability';
import { openDoor, until, type Door } from './open-door.js';
import { Watcher } from './watcher.js';

const versions = (watcher: Watcher<RunDto>) => watcher.shown.map(({ id }) => Number(id));

describe('following a run', () => {
  let door: Door;
  let hurried: Door;
  const workspaces: { workspace: string; admin: string }[] = [];
  const connection = `con_${'1'.repeat(25)}`;

  beforeAll(async () => {
    await startTelemetry('gateway');
    door = await openDoor({ STREAMS_PER_KEY: '2' });
    hurried = await openDoor({ THROTTLE_PER_MINUTE: '5', THROTTLE_ADDRESS_PER_MINUTE: '12' }, door);
    workspaces.push(await door.openWorkspace(), await door.openWorkspace());
  });
  afterAll(async () => {
    await hurried.close();
    await door.close();
  });

  const startRun = () => door.services.startRun({ workspace: workspaces[0]!.workspace, connection });
  const watch = (run: RunDto, key = workspaces[0]!.admin) =>
    new Watcher<RunDto>(`${door.url}/api/v1/runs/${run.id}/progress`, key);

  it('shows the run at once, each change as it comes, and ends with the run', async () => {
    const run = startRun();
    const other = startRun();
    const watcher = watch(run);
    await until(() => versions(watcher), (seen) => seen.includes(1)); // prettier-ignore
    expect([watcher.status, watcher.type]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await door.services.change(run, { requests: 20 });
    await door.services.change(other, { state: 'failed' });
    await door.services.change(run, { state: 'complete' });
    await until(() => watcher.ended, Boolean);
    expect(watcher.shown.at(-1)).toMatchObject({ event: 'run', id: '3', data: { id: run.id, state: 'complete' } });
    expect(versions(watcher)).toEqual(versions(watcher).toSorted((a, b) => a - b));
    expect(new Set(watcher.shown.map((one) => one.data.id))).toEqual(new Set([run.id]));
  });

  it('ends at once for a run that has ended', async () => {
    const run = startRun();
    await door.services.change(run, { state: 'partial' });
    const watcher = watch(run);
    await until(() => watcher.ended, Boolean);
    expect(watcher.shown).toMatchObject([{ data: { state: 'partial' } }]);
  });

  it('comes to know of a change whose event was lost', async () => {
    const run = startRun();
    const watcher = watch(run);
    await until(() => versions(watcher), (seen) => seen.includes(1)); // prettier-ignore
    await door.services.change(run, { state: 'complete' }, { silently: true });
    await until(() => watcher.ended, Boolean);
    expect(watcher.shown.at(-1)).toMatchObject({ data: { state: 'complete' } });
  });

  it('refuses with a problem before the first byte: another workspace, or too many streams', async () => {
    const run = startRun();
    const path = `/api/v1/runs/${run.id}/progress`;
    expect((await door.ask({ path, key: workspaces[1]!.admin })).json).toMatchObject({ code: 'run_not_found' });
    const two = [watch(run), watch(run)];
    await until(() => two.every((one) => one.shown.length > 0), Boolean);
    const third = await door.ask({ path, key: workspaces[0]!.admin });
    expect([third.status, third.json]).toMatchObject([429, { code: 'too_many_requests' }]);
    expect(third.headers['retry-after']).toBeDefined();
    // A client that leaves frees its place.
    two[0]!.leave();
    const free = await until(
      async () => {
        const next = watch(run);
        await until(() => next.status, Boolean);
        return next;
      },
      ({ status }) => status === 200,
    );
    await door.services.change(run, { state: 'cancelled' });
    await until(() => free.ended && two[1]!.ended, Boolean);
  });

  it('tells a key that asks too often when to come again, and an address likewise', async () => {
    const path = '/api/v1/workspace';
    const replies = [];
    for (let n = 0; n < 13; n++) replies.push(await hurried.ask({ path, key: workspaces[n < 6 ? 0 : 1]!.admin }));
    const statuses = replies.map(({ status }) => status);
    // Six of the first key, of which five are let in; five of the other, whose own count is not touched by that.
    expect(statuses.slice(0, 11)).toEqual([200, 200, 200, 200, 200, 429, 200, 200, 200, 200, 200]);
    expect(statuses.slice(11)).toEqual([429, 429]);
    expect(replies.at(-1)!.json).toMatchObject({ code: 'too_many_requests' });
    expect(Number(replies.at(-1)!.headers['retry-after'])).toBeGreaterThan(0);
    expect((await hurried.ask({ path: '/livez' })).status).toBe(200);
  });

  it('is alive and ready, and measures by route', async () => {
    expect((await door.ask({ path: '/readyz' })).status).toBe(200);
    await door.ask({ path: '/api/v1/runs/nonsense', key: workspaces[0]!.admin });
    const { text } = await door.ask({ path: '/metrics' });
    expect(text).toContain(
      'http_server_request_duration_seconds_count{http_request_method="GET",http_route="/api/v1/runs/:run",http_response_status_code="400",url_scheme="http"}',
    );
  });

  it('ends open streams when it is told to stop', async () => {
    const closing = await openDoor({}, door);
    const { workspace, admin } = await closing.openWorkspace();
    const run = closing.services.startRun({ workspace, connection });
    const watcher = new Watcher<RunDto>(`${closing.url}/api/v1/runs/${run.id}/progress`, admin);
    await until(() => watcher.shown.length, Boolean);
    await closing.close();
    await until(() => watcher.ended, Boolean);
    expect(watcher.shown).toHaveLength(1);
  });
});
