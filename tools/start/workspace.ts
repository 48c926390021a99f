import type { ConnectionDto, RunDto } from '@seatwise/contracts';
import { Api, ProblemError } from './api.js';
import type { Home, Kept, WorkspaceName } from './home.js';

const titles: Record<WorkspaceName, string> = { demo: 'Demo', orgs: 'Orgs' };

/**
 * The API of the demo's workspace, or of the real orgs', so that no figure mixes the two: made at the first start, found
 * again at every later one.
 */
export async function openWorkspace(name: WorkspaceName, gatewayUrl: string, kept: Kept, home: Home): Promise<Api> {
  // A folder from when there was one workspace has the demo's key alone.
  const keys = (kept.keys ??= kept.apiKey ? { demo: kept.apiKey } : {});
  if (!keys[name]) {
    const door = new Api(gatewayUrl, kept.bootstrapToken);
    const made = await door.call<{ key: string }>('POST', '/workspaces', { workspaceName: titles[name] });
    keys[name] = made.key;
  }
  kept.apiKey = keys[name];
  home.save(kept);
  return new Api(gatewayUrl, keys[name]);
}

/**
 * The demo org's connection. An org at another port is the same one, whose history stays; one of another size is another,
 * and what was kept of the one before is erased.
 */
export async function connectDemo(
  api: Api,
  kept: Kept,
  home: Home,
  demo: { people: number; url: string },
  say: (line: string) => void,
): Promise<ConnectionDto> {
  const before = kept.demo;
  const connected = (await api.connections()).filter(({ removedAt }) => removedAt === null);
  const found =
    connected.find(({ id }) => id === before?.connection) ??
    connected.find(({ orgUrl }) => orgUrl === demo.url || orgUrl === before?.url);
  const note = (connection?: string) => {
    kept.demo = { ...demo, ...(connection !== undefined && { connection }) };
    home.save(kept);
  };
  if (found && before?.people === demo.people) {
    const moved = found.orgUrl !== demo.url;
    const there = moved ? await api.replaceToken(found.id, { token: kept.simulatorToken, orgUrl: demo.url }) : found;
    note(found.id);
    return there;
  }
  if (found) {
    const size = before ? `had ${before.people.toLocaleString('en')} people and` : 'is of unknown size and';
    say(`The demo org ${size} is to have ${demo.people.toLocaleString('en')}: what was kept of it is erased.`);
    await api.disconnect(found.id);
  }
  note();
  const made = await api.connect({
    orgUrl: demo.url,
    token: kept.simulatorToken,
    name: 'Demo org',
    level: 'read_and_act',
  });
  note(made.id);
  return made;
}

/** A real org's connection: the one there is, or a new one with the token that `readToken` brings; a dead one is replaced. */
export async function connectOrg(api: Api, orgUrl: string, readToken: () => Promise<string>): Promise<ConnectionDto> {
  const before = (await api.connections()).find((each) => each.orgUrl === orgUrl && each.removedAt === null);
  if (!before) return api.connect({ orgUrl, token: await readToken() });
  return before.health === 'needs_reauth' ? api.replaceToken(before.id, { token: await readToken() }) : before;
}

const ended = new Set<RunDto['state']>(['complete', 'partial', 'failed', 'cancelled', 'paused']);

/**
 * The connection's last run, followed to its end. One from before this start that brought everything, or waits for a person, is
 * answered as it is; one that did not is made anew. `onProgress` gets each state of what is followed.
 */
export async function bringUpToDate(
  api: Api,
  { id, paused }: ConnectionDto,
  startedAt: Date,
  onProgress: (run: RunDto) => void,
): Promise<RunDto> {
  const newest = await api.newestRun(id).catch(unlessNew);
  const last =
    newest && ended.has(newest.state)
      ? newest
      : await follow(() => (newest ? api.run(newest.id) : api.newestRun(id).catch(unlessNew)), onProgress);
  const isOfNow = new Date(last.startedAt) >= startedAt;
  if (isOfNow || last.state === 'complete' || last.state === 'paused' || paused) return last;
  const anew = await api.sync(id);
  return follow(() => api.run(anew.id), onProgress);
}

async function follow(look: () => Promise<RunDto | undefined>, onProgress: (run: RunDto) => void): Promise<RunDto> {
  for (;;) {
    const run = await look();
    if (run) onProgress(run);
    if (run && ended.has(run.state)) return run;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

const administrator = { email: 'you@seatwise.example', name: 'You', role: 'admin' };
const linkMinutes = 60;

/**
 * The page, at an address that signs its reader in once, within an hour, as an administrator of the workspace. `withTour`:
 * it shows around whoever has not been shown around in that browser.
 */
export async function signInAddress(api: Api, withTour: boolean): Promise<string> {
  await api.call('POST', '/members', administrator).catch(unlessMember);
  const wish = { email: administrator.email, minutes: linkMinutes };
  const { path } = await api.call<{ path: string }>('POST', '/sign-in-links', wish);
  return `${api.url}${path}${withTour ? '&tour' : ''}`;
}

function unlessMember(error: unknown): undefined {
  if (!(error instanceof ProblemError) || error.problem.code !== 'member_exists') throw error;
}

/** A service that has not heard of the connection yet takes it for one that is not there. */
function unlessNew(error: unknown): undefined {
  if (!(error instanceof ProblemError) || error.problem.code !== 'connection_not_found') throw error;
}

/** The summary, once the counts have caught up with what the run published. */
export async function settledSummary(api: Api, run: RunDto) {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const summary = await api.summary(run.connection).catch(unlessNew);
    const asOf = summary?.asOf[0];
    const current = asOf?.directory && asOf.directory >= run.startedAt && asOf.signIns;
    if (summary && (current || run.state !== 'complete' || Date.now() > deadline)) return summary;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
