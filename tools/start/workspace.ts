import type { ConnectionDto, RunDto } from '@seatwise/contracts';
import { Api } from './api.js';
import type { Home, Kept } from './home.js';

/** The first workspace's API: made at the first start, found again at every later one. */
export async function openWorkspace(gatewayUrl: string, kept: Kept, home: Home): Promise<Api> {
  if (!kept.apiKey) {
    const door = new Api(gatewayUrl, kept.bootstrapToken);
    const made = await door.call<{ key: string }>('POST', '/bootstrap', { workspaceName: 'Demo' });
    kept.apiKey = made.key;
    home.save(kept);
  }
  return new Api(gatewayUrl, kept.apiKey);
}

/** The demo org's connection. One that was made for an org of another size or address is disconnected first. */
export async function connectDemo(
  api: Api,
  kept: Kept,
  home: Home,
  demo: { people: number; url: string },
): Promise<ConnectionDto> {
  const before = (await api.connections()).find((connection) => connection.name === 'Demo org');
  if (before && kept.demo?.people === demo.people && before.orgUrl === demo.url) return before;
  if (before) await api.disconnect(before.id);
  const connection = await api.connect({
    orgUrl: demo.url,
    token: kept.simulatorToken,
    name: 'Demo org',
    level: 'read_and_act',
  });
  kept.demo = demo;
  home.save(kept);
  return connection;
}

/** A real org's connection: the one there is, or a new one with the token that `readToken` brings. */
export async function connectOrg(api: Api, orgUrl: string, readToken: () => Promise<string>): Promise<ConnectionDto> {
  const host = /^(?:https?:\/\/)?([^/:]+)/i.exec(orgUrl)?.[1]?.toLowerCase();
  const before = (await api.connections()).find((connection) => new URL(connection.orgUrl).host === host);
  return before ?? api.connect({ orgUrl, token: await readToken() });
}

const ended = new Set<RunDto['state']>(['complete', 'partial', 'failed', 'cancelled', 'paused']);

/** Follows the connection's newest run to its end. `onProgress` gets each state of it. */
export async function followRun(api: Api, connection: string, onProgress: (run: RunDto) => void): Promise<RunDto> {
  for (;;) {
    const run = await api.newestRun(connection);
    if (run) {
      onProgress(run);
      if (ended.has(run.state)) return run;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** The summary, once the counts have caught up with what the run published. */
export async function settledSummary(api: Api, run: RunDto) {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const summary = await api.summary(run.connection);
    const [asOf] = summary.asOf;
    const current = asOf?.directory && asOf.directory >= run.startedAt && asOf.signIns;
    if (current || run.state !== 'complete' || Date.now() > deadline) return summary;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
