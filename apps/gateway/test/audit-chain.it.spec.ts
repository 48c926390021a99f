import './quiet.js';
import { newId } from '@seatwise/contracts';
import { Database } from '@seatwise/persistence';
import { freshDatabase, testServers } from '@seatwise/testing';
import { AuditLog } from '../src/audit/audit-log.js';
import { AuditRepository, BrokenChain } from '../src/audit/audit.repository.js';
import { beginning, hashOf, type AuditFacts, type AuditRecord, type Head } from '../src/audit/record.js';
import { verify } from '../src/audit/verify.js';

const facts = (workspace: string, own: Partial<AuditFacts> = {}): AuditFacts => ({
  id: newId('aud'),
  workspace,
  at: new Date(),
  source: newId('evt'),
  operation: newId('act'),
  who: { key: newId('key'), role: 'operator' },
  what: 'action.done',
  action: 'suspend_user',
  outcome: 'done',
  on: { kind: 'person', id: '00u1', name: 'ada@acme.example' },
  connection: newId('con'),
  reason: 'On leave',
  asked: { deep: [{ er: 1.5 }], empty: {} },
  before: { status: 'ACTIVE', profile: { nick: null, 'dotted.name': 'x', $money: 7 } },
  after: { status: 'SUSPENDED' },
  effect: 'changed',
  verified: true,
  undoes: newId('act'),
  bulk: null,
  dryRun: false,
  status: null,
  code: null,
  okta: [{ method: 'POST', path: '/api/v1/users/00u1', status: 200, code: '', requestId: 'r' }],
  traceId: null,
  ...own,
});

describe('the chain of the audit log', () => {
  let databases: Database[];
  let replicas: { audit: AuditRepository; log: AuditLog }[];
  let stop: () => Promise<void>;
  const records = () => databases[0]!.collection<AuditRecord>('audit');
  const heads = () => databases[0]!.collection<Head & { _id: string }>('audit_heads');
  const faultIn = async (workspace: string) => (await verify(replicas[0]!.audit, workspace)).fault;

  beforeAll(async () => {
    const servers = await testServers();
    const database = freshDatabase();
    databases = [1, 2].map(() => new Database({ uri: servers.mongoUrl, database }));
    replicas = databases.map((own) => {
      const audit = new AuditRepository(own);
      return { audit, log: new AuditLog(audit) };
    });
    for (const [n, own] of databases.entries()) {
      await own.onModuleInit();
      await replicas[n]!.audit.onModuleInit();
    }
    stop = async () => {
      for (const own of databases) await own.onApplicationShutdown();
      await servers.stop();
    };
  });
  afterAll(() => stop());

  const chainOf = async (length: number): Promise<string> => {
    const workspace = newId('ws');
    for (let n = 1; n <= length; n++) await replicas[n % 2]!.log.append(facts(workspace));
    return workspace;
  };

  it('has no gap and no fork when two replicas add to it at once, and each event once however often it is told', async () => {
    const workspaces = [newId('ws'), newId('ws')];
    const all = workspaces.flatMap((workspace) => Array.from({ length: 100 }, () => facts(workspace)));
    // Each is told to both replicas, and to one of them twice.
    await Promise.all(
      all.flatMap((one, n) => [
        replicas[0]!.log.append(one),
        replicas[1]!.log.append({ ...one, id: newId('aud') }),
        replicas[n % 2]!.log.append({ ...one, id: newId('aud') }),
      ]),
    );
    for (const workspace of workspaces) {
      const seqs = (await records().find({ workspace }).sort({ seq: 1 }).toArray()).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
      expect(await verify(replicas[1]!.audit, workspace)).toMatchObject({ records: 100, fault: undefined });
    }
    const found: string[] = [];
    for await (const workspace of replicas[0]!.audit.workspaces()) found.push(workspace);
    expect(found).toEqual(workspaces.sort());
  });

  it('keeps the order in which a replica is told', async () => {
    const workspace = newId('ws');
    const told = Array.from({ length: 250 }, () => facts(workspace));
    await Promise.all(told.map((one) => replicas[0]!.log.append(one)));
    const written = await records().find({ workspace }).sort({ seq: 1 }).toArray();
    expect(written.map(({ source }) => source)).toEqual(told.map(({ source }) => source));
  });

  it('keeps what no other text form would: a broken surrogate, and names with dots and dollars', async () => {
    const workspace = newId('ws');
    await replicas[0]!.log.append(facts(workspace, { reason: 'half \ud800', before: { 'a.b': { $c: '\ud800' } } }));
    expect(await faultIn(workspace)).toBeUndefined();
  });

  it('takes no other with it when one record cannot be written', async () => {
    const workspace = newId('ws');
    const tooLarge = facts(workspace, { after: { much: 'x'.repeat(17_000_000) } });
    const [first, second, third] = await Promise.allSettled(
      [facts(workspace), tooLarge, facts(workspace)].map((one) => replicas[0]!.log.append(one)),
    );
    expect([first!.status, second!.status, third!.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await verify(replicas[0]!.audit, workspace)).toMatchObject({ records: 2, fault: undefined });
  });

  it('shows a change of any field of a record, and names the record', async () => {
    const workspace = await chainOf(5);
    const original = (await records().findOne({ workspace, seq: 3 }))!;
    const { _id, ...fields } = original;
    const paths = leavesOf({ ...fields, before: { status: 'ACTIVE', profile: { nick: null } } });
    expect(paths.length).toBeGreaterThan(25);
    for (const [path, value] of paths) {
      if (path === 'workspace' || path === 'seq') continue;
      await records().updateOne({ _id }, { $set: { [path]: changed(value) } });
      expect([path, await faultIn(workspace)]).toEqual([path, expect.stringContaining(`record 3 (${_id})`)]);
      await records().replaceOne({ _id }, fields);
    }
    // The same to look at, and not found by a search for a time any more.
    await records().updateOne({ _id }, { $set: { at: original.at.toISOString() } } as object);
    expect(await faultIn(workspace)).toBe(`record 3 (${_id}) was changed`);
    await records().replaceOne({ _id }, { ...fields, further: 1 } as object as AuditRecord);
    expect(await faultIn(workspace)).toBe(`record 3 (${_id}) was changed`);
    await records().updateOne({ _id }, { $set: { workspace: newId('ws') } });
    expect(await faultIn(workspace)).toContain('record 3 is missing before record 4');
    await records().deleteOne({ _id });
    await records().insertOne({ ...original, _id: newId('aud') });
    expect(await faultIn(workspace)).toContain('record 3 (');
    await records().deleteOne({ workspace, seq: 3 });
    await records().insertOne(original);
    expect(await faultIn(workspace)).toBeUndefined();
  });

  it('shows a record that was changed and given a fitting hash', async () => {
    const workspace = await chainOf(4);
    const { hash: _hash, ...record } = (await records().findOne({ workspace, seq: 2 }))!;
    const forged = { ...record, reason: 'Something else' };
    await records().replaceOne({ _id: record._id }, { ...forged, hash: hashOf(forged) });
    expect(await faultIn(workspace)).toContain('does not follow record 2: one of the two was changed');
  });

  it('shows what was removed, from the beginning, the middle and the end', async () => {
    for (const [seqs, fault] of [
      [[1], 'record 1 is missing before record 2'],
      [[2, 3], 'records 2 to 3 are missing before record 4'],
      [[5], 'record 5 is missing at the end'],
      [[1, 2, 3, 4, 5], 'records 1 to 5 are missing at the end'],
    ] as const) {
      const workspace = await chainOf(5);
      await records().deleteMany({ workspace, seq: { $in: [...seqs] } });
      expect(await faultIn(workspace)).toContain(fault);
    }
  });

  it('shows two that were swapped, and one that was added', async () => {
    const workspace = await chainOf(5);
    const place = (from: number, to: number) => records().updateOne({ workspace, seq: from }, { $set: { seq: to } });
    const second = (await records().findOne({ workspace, seq: 3 }))!;
    for (const [from, to] of [[2, -1], [3, 2], [-1, 3]] as const) await place(from, to); // prettier-ignore
    expect(await faultIn(workspace)).toContain(`record 2 (${second._id}) was moved, added or changed`);
    for (const [from, to] of [[2, -1], [3, 2], [-1, 3]] as const) await place(from, to); // prettier-ignore
    expect(await faultIn(workspace)).toBeUndefined();
    const add = async (after: number) => {
      const { hash, seq } = (await records().findOne({ workspace, seq: after }))!;
      const { id, ...more } = facts(workspace);
      const added = { _id: id, ...more, seq: seq + 1, previous: hash };
      await records().insertOne({ ...added, hash: hashOf(added) });
      return id;
    };
    for (const seq of [5, 4, 3]) await place(seq, seq + 1);
    const inserted = await add(2);
    expect(await faultIn(workspace)).toContain(`record 4 (${second._id}) was moved, added or changed`);
    await records().deleteOne({ _id: inserted });
    for (const seq of [4, 5, 6]) await place(seq, seq - 1);
    expect(await faultIn(workspace)).toBeUndefined();
    await add(5);
    expect(await faultIn(workspace)).toContain('or record 6 added');
    await expect(replicas[0]!.log.append(facts(workspace))).rejects.toThrow(BrokenChain);
  });

  it('shows a change of the head, also when the chain has grown since', async () => {
    const workspace = await chainOf(3);
    const head = await replicas[0]!.audit.head(workspace);
    const put = (own: Head) => heads().updateOne({ _id: workspace }, { $set: own });
    await put({ ...head, hash: head.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) });
    expect(await faultIn(workspace)).toContain('the head was changed');
    await put({ ...head, seq: 2 });
    expect(await faultIn(workspace)).toContain('the head was changed');
    await heads().deleteOne({ _id: workspace });
    expect(await faultIn(workspace)).toContain('the head was changed');
    await heads().insertOne({ _id: workspace, ...head, seq: 4 });
    expect(await faultIn(workspace)).toContain('record 4 is missing at the end');
    await replicas[0]!.log.append(facts(workspace));
    expect(await faultIn(workspace)).toContain('record 4 is missing before record 5');
  });

  it('shows no end that was cut off together with its head: that takes the hash that was kept elsewhere', async () => {
    const workspace = await chainOf(4);
    const kept = await replicas[0]!.audit.head(workspace);
    const { hash, seq } = (await records().findOne({ workspace, seq: 3 }))!;
    await records().deleteOne({ workspace, seq: 4 });
    await heads().updateOne({ _id: workspace }, { $set: { hash, seq } });
    expect(await verify(replicas[0]!.audit, workspace)).toMatchObject({ records: 3, fault: undefined });
    await replicas[0]!.log.append(facts(workspace));
    const { end } = await verify(replicas[0]!.audit, workspace);
    expect(end.seq).toBe(kept.seq);
    expect(end.hash).not.toBe(kept.hash);
  });

  it('verifies while records are added', async () => {
    const workspace = await chainOf(1);
    const adding = (async () => {
      for (let n = 0; n < 60; n++) await replicas[n % 2]!.log.append(facts(workspace));
    })();
    for (let seen = 0; seen < 61;) {
      const { fault, records: found } = await verify(replicas[0]!.audit, workspace);
      expect(fault).toBeUndefined();
      seen = found;
    }
    await adding;
    expect((await verify(replicas[0]!.audit, workspace)).records).toBe(61);
  });

  it('begins with nothing', async () => {
    expect(await verify(replicas[0]!.audit, newId('ws'))).toEqual({ records: 0, end: beginning, fault: undefined });
  });
});

/** Every value in it that has no parts, with its path. */
function leavesOf(value: object, prefix = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) => {
    const path = `${prefix}${name}`;
    const isWhole = typeof item !== 'object' || item === null || item instanceof Date || Object.keys(item).length === 0;
    return isWhole ? [[path, item] as [string, unknown]] : leavesOf(item, `${path}.`);
  });
}

function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (value instanceof Date) return new Date(value.getTime() + 1);
  if (typeof value !== 'string') return 'x';
  const last = value.at(-1) ?? '';
  return value.slice(0, -1) + String.fromCodePoint((last.codePointAt(0) ?? 64) ^ 1);
}
