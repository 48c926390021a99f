import { setTimeout as sleep } from 'node:timers/promises';
import type { Seatwise, TestOrg } from '../harness/seatwise.js';
import type { Api } from '../start/api.js';

/** Who asks, of which connection, and who may read what is recorded of it. */
export interface Asker {
  api: Api;
  /** Of the API key: its id. */
  key: string;
  role: string;
  workspace: string;
  admin: Api;
  connection: string;
  org: TestOrg;
}

/** Two workspaces, each with an org of its own, and all who may want something of them. */
export interface Stage {
  /** The usual one. */
  operator: Asker;
  viewer: Asker;
  expired: Asker;
  revoked: Asker;
  /** An operator of the other workspace, whose connection is for reading at first. */
  other: Asker;
}

export async function setStage(seatwise: Seatwise): Promise<Stage> {
  const [org, small] = seatwise.orgs as [TestOrg, TestOrg];
  const [mine, theirs] = [await seatwise.workspace('Actions'), await seatwise.workspace('Others')];
  const { id: connection } = await mine.api.connect({ orgUrl: org.url, token: org.token, level: 'read_and_act' });
  const { id: reading } = await theirs.api.connect({ orgUrl: small.url, token: small.token });
  const here = { org, connection };
  const expiresAt = new Date(Date.now() + 2_000);
  const expired = await asker(mine, here, 'operator', { expiresAt: expiresAt.toISOString() });
  const revoked = await asker(mine, here, 'operator');
  await mine.api.call('DELETE', `/keys/${revoked.key}`);
  await sleep(Math.max(0, expiresAt.getTime() - Date.now() + 1));
  return {
    operator: await asker(mine, here, 'operator'),
    viewer: await asker(mine, here, 'viewer'),
    expired,
    revoked,
    other: await asker(theirs, { org: small, connection: reading }, 'operator'),
  };
}

async function asker(
  { id: workspace, api: admin }: { id: string; api: Api },
  place: Pick<Asker, 'org' | 'connection'>,
  role: string,
  more: { expiresAt?: string } = {},
): Promise<Asker> {
  const wanted = { name: `For the table, ${role}`, role, ...more };
  const { id: key, key: text } = await admin.call<{ id: string; key: string }>('POST', '/keys', wanted);
  return { ...place, api: admin.withKey(text), key, role, workspace, admin };
}
