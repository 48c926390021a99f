import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  cloudEventHeaders,
  directorySeen,
  directorySeenBefore,
  eventEntry,
  newId,
  PersonNotFound,
  type DirectorySeenV1,
  type EventType,
} from '@seatwise/contracts';
import { Nats, Streams } from '@seatwise/messaging';
import { newServiceKey } from '@seatwise/persistence';
import { testServers } from '@seatwise/testing';
import { SyncConfig } from '../src/config.js';
import { ConnectionsRepository } from '../src/connections/connections.repository.js';
import { DirectoryController } from '../src/directory/directory.controller.js';
import { Mirror } from '../src/directory/mirror.js';
import { syncServiceWith } from '../src/sync-service.module.js';
import { connectionOf, MirroredOrgs, person, second, stamp, type MirroredOrg } from './mirrored-org.js';

const group = (id: string) => ({ id, type: 'OKTA_GROUP', profile: { name: id } });
const app = (id: string) => ({ id, label: id, name: id, status: 'ACTIVE', signOnMode: 'SAML_2_0' });
const holder = (id: string) => ({ id, scope: 'USER', status: 'ACTIVE', created: stamp(-100) });

const member = (isMember = true, of = 'g1', who = '00u1') => ({
  membership: { group: of, person: who, member: isMember },
});
const assigned = (of = 'a1', who = '00u1') => ({
  assignment: {
    app: of,
    person: who,
    assigned: true,
    scope: 'USER',
    status: 'ACTIVE',
    group: null,
    created: stamp(-100),
  },
});
const unassigned = (of = 'a1', who = '00u1') => ({ assignment: { app: of, person: who, assigned: false } });

describe('what was seen of a thing by its id', () => {
  let orgs: MirroredOrgs;
  let org: MirroredOrg;
  beforeAll(async () => {
    orgs = await MirroredOrgs.start();
  });
  beforeEach(async () => {
    org = await orgs.connect();
    org.lists.groups = [group('g1')];
    org.lists.apps = [app('a1')];
    org.lists.users = [person('00u1')];
  });
  afterAll(() => orgs.stop());

  const isThere = async (kind: 'person' | 'membership' | 'assignment', id: string) =>
    (await org.mirrored(kind, id))?.removedAt === null;
  const statusOf = async (id: string) => (await org.mirrored('person', id))?.content.status;
  const withLinks = () => {
    org.lists['groups/g1/users'] = [{ id: '00u1' }];
    org.lists['apps/a1/users'] = [holder('00u1')];
  };
  const withoutLinks = () => {
    org.lists['groups/g1/users'] = [];
    org.lists['apps/a1/users'] = [];
  };

  it('is in the mirror at once and told to others, also of what the mirror does not know yet', async () => {
    await org.listAll(await org.begin(), 0);
    const before = (await org.told()).length;
    await org.see({ person: person('00u1', { status: 'SUSPENDED', lastUpdated: stamp(99) }) }, 100);
    await org.see({ person: person('00u2', { lastUpdated: stamp(99) }) }, 100);
    await org.see(member(true, 'g9', '00u2'), 100);
    await org.see(assigned('a9', '00u2'), 100);
    await org.see(member(false, 'g9', '00u2'), 102);
    expect((await org.told()).slice(before)).toMatchObject([
      { kind: 'person', id: '00u1', status: 'SUSPENDED', login: '00u1@acme.example', name: '00u1 Doe' },
      { kind: 'person', id: '00u2', status: 'ACTIVE', created: second(-1_000) },
      { kind: 'membership', id: 'g9|00u2', removed: false },
      { kind: 'assignment', id: 'a9|00u2', removed: false, scope: 'USER', status: 'ACTIVE', group: null },
      { kind: 'membership', id: 'g9|00u2', removed: true },
    ]);
    expect(await statusOf('00u1')).toBe('SUSPENDED');
    expect(await isThere('person', '00u2')).toBe(true);
    expect(await isThere('assignment', 'a9|00u2')).toBe(true);
    expect(await isThere('membership', 'g9|00u2')).toBe(false);
  });

  it('counts once when it comes twice, and the newest stays whatever comes last', async () => {
    const suspended = { person: person('00u1', { status: 'SUSPENDED' }) };
    const active = { person: person('00u1') };
    await org.see(suspended, 100, 1);
    await org.see(active, 105, 2);
    await org.see(suspended, 100, 1);
    await org.see(active, 105, 2);
    await org.see(assigned(), 105, 3);
    await org.see(unassigned(), 100, 4);
    // In one second of Okta's clock the order of the events decides.
    await org.see(member(true), 100, 6);
    await org.see(member(false), 100, 7);
    await org.see(member(true), 100, 6);
    const told = await org.told();
    expect(told.map(({ kind, id }) => [kind, id])).toEqual([
      ['person', '00u1'],
      ['person', '00u1'],
      ['assignment', 'a1|00u1'],
      ['membership', 'g1|00u1'],
      ['membership', 'g1|00u1'],
    ]);
    expect(told[1]!.v).toBeGreaterThan(told[0]!.v);
    expect(told[4]!.v).toBeGreaterThan(told[3]!.v);
    expect(await statusOf('00u1')).toBe('ACTIVE');
    expect(await isThere('assignment', 'a1|00u1')).toBe(true);
    expect(await isThere('membership', 'g1|00u1')).toBe(false);
  });

  it('is newer than whatever was said before, also when the mirror has come back from a backup', async () => {
    await org.listAll(await org.begin(), 0);
    const backup = (await org.mirrored('person', '00u1'))!;
    await org.see({ person: person('00u1', { status: 'SUSPENDED', lastUpdated: stamp(99) }) }, 100);
    const said = (await org.told()).at(-1)!;
    await orgs.mirror.of('person').replaceOne({ _id: backup._id }, backup);
    await org.see({ person: person('00u1', { status: 'LOCKED_OUT', lastUpdated: stamp(99) }) }, 101);
    const anew = (await org.told()).at(-1)!;
    expect(anew).toMatchObject({ id: '00u1', status: 'LOCKED_OUT' });
    expect(anew.v).toBeGreaterThan(said.v);
  });

  describe.each([
    ['known to the mirror', true],
    ['not known to the mirror', false],
  ])('and was %s before', (_what, isKnown) => {
    it('is not undone by a page that was asked for before it, or shortly after, and is by a later one: taken away', async () => {
      withLinks();
      if (isKnown) await org.listAll(await org.begin(), 0);
      await org.see(member(false), 100);
      await org.see(unassigned(), 100);
      const told = await org.told();
      // Okta's clock says when a page was read; it is written now.
      for (const at of [99, 105]) {
        const run = await org.begin();
        await org.list(run, at, 'memberships', 'g1');
        await org.list(run, at, 'assignments', 'a1');
        expect(await isThere('membership', 'g1|00u1')).toBe(false);
        expect(await isThere('assignment', 'a1|00u1')).toBe(false);
      }
      expect(await org.told()).toEqual(told);
      const run = await org.begin();
      await org.list(run, 112, 'memberships', 'g1');
      await org.list(run, 112, 'assignments', 'a1');
      expect(await isThere('membership', 'g1|00u1')).toBe(true);
      expect(await isThere('assignment', 'a1|00u1')).toBe(true);
      expect((await org.told()).slice(told.length)).toMatchObject([
        { kind: 'membership', removed: false },
        { kind: 'assignment', removed: false },
      ]);
    });

    it('is not taken away by a sweep of what was listed before it, or shortly after, and is by a later one', async () => {
      if (isKnown) {
        withLinks();
        org.lists.users = [person('00u1'), person('00u2')];
      }
      await org.listAll(await org.begin(), 0);
      withoutLinks();
      org.lists.users = [person('00u1')];
      await org.see(member(), 100);
      await org.see(assigned(), 100);
      await org.see({ person: person('00u2', { lastUpdated: stamp(99) }) }, 100);
      const told = await org.told();
      for (const at of [50, 105]) {
        const run = await org.begin();
        await org.listAll(run, at);
        await org.sweep(run);
        expect(await isThere('membership', 'g1|00u1')).toBe(true);
        expect(await isThere('assignment', 'a1|00u1')).toBe(true);
        expect(await isThere('person', '00u2')).toBe(true);
      }
      expect(await org.told()).toEqual(told);
      const run = await org.begin();
      await org.listAll(run, 112);
      await org.sweep(run);
      expect((await org.told()).slice(told.length)).toMatchObject([
        { kind: 'person', id: '00u2', status: 'deleted' },
        { kind: 'membership', removed: true },
        { kind: 'assignment', removed: true },
      ]);
    });
  });

  it('of a person stays what it was against pages that show them older, whenever asked, and gives way to newer ones', async () => {
    await org.listAll(await org.begin(), 0);
    await org.see({ person: person('00u1', { status: 'SUSPENDED', lastUpdated: stamp(99) }) }, 100);
    const pageOf = async (at: number, shown: object) => {
      org.lists.users = [shown];
      await org.list(await org.begin(), at, 'people');
      return statusOf('00u1');
    };
    expect(await pageOf(98, person('00u1'))).toBe('SUSPENDED');
    // From an index that lags for minutes.
    expect(await pageOf(300, person('00u1'))).toBe('SUSPENDED');
    expect(await pageOf(104, person('00u1', { status: 'LOCKED_OUT', lastUpdated: stamp(102) }))).toBe('LOCKED_OUT');
  });

  it('of a person who is as new as on the page stays until the page is later', async () => {
    await org.listAll(await org.begin(), 0);
    await org.see({ person: person('00u1', { nickName: 'seen' }) }, 100);
    const nickName = async () => ((await org.mirrored('person', '00u1'))?.content.profile as object) ?? {};
    await org.list(await org.begin(), 105, 'people');
    expect(await nickName()).toMatchObject({ nickName: 'seen' });
    await org.list(await org.begin(), 112, 'people');
    expect(await nickName()).toMatchObject({ nickName: 'as ever' });
  });

  it('of a person who is gone takes their memberships and assignments along, and no page from before brings them back', async () => {
    withLinks();
    org.lists.groups = [group('g1'), group('g2')];
    org.lists.users = [person('00u1'), person('00u2')];
    org.lists['groups/g2/users'] = [{ id: '00u1' }, { id: '00u2' }];
    org.lists['apps/a1/users'] = [holder('00u1'), holder('00u2')];
    await org.listAll(await org.begin(), 0);
    const before = (await org.told()).length;
    await org.see({ gone: '00u1' }, 100);
    await org.see({ gone: '00u1' }, 100);
    expect((await org.told()).slice(before)).toMatchObject([
      { kind: 'person', id: '00u1', status: 'deleted', login: '00u1@acme.example' },
      { kind: 'membership', id: 'g1|00u1', removed: true },
      { kind: 'membership', id: 'g2|00u1', removed: true },
      { kind: 'assignment', id: 'a1|00u1', removed: true },
    ]);
    // Deactivated first, they were newer on that page than the mirror had them.
    org.lists.users = [person('00u1', { status: 'DEPROVISIONED', lastUpdated: stamp(98) }), person('00u2')];
    await org.listAll(await org.begin(), 99);
    for (const [kind, id] of [
      ['person', '00u1'],
      ['membership', 'g1|00u1'],
      ['membership', 'g2|00u1'],
      ['assignment', 'a1|00u1'],
    ] as const)
      expect(await isThere(kind, id)).toBe(false);
    for (const [kind, id] of [
      ['person', '00u2'],
      ['membership', 'g2|00u2'],
      ['assignment', 'a1|00u2'],
    ] as const)
      expect(await isThere(kind, id)).toBe(true);
    expect(await org.told()).toHaveLength(before + 4);
  });

  it('of somebody gone who never was in the mirror is told to nobody, and no page from before brings them in', async () => {
    await org.see({ gone: '00u1' }, 100);
    await org.list(await org.begin(), 99, 'people');
    expect(await org.told()).toEqual([]);
    const { workspace, connection } = org;
    const asked = new DirectoryController(orgs.mirror).person({ workspace, connection, person: '00u1' });
    await expect(asked).rejects.toThrow(PersonNotFound);
  });

  it('changes nothing when it comes so late that a whole run has looked since', async () => {
    org.lists.users = [person('00u1', { nickName: 'listed' }), person('00u2')];
    withLinks();
    await org.listAll(await org.begin(), 0);
    org.lists.users = [person('00u1', { nickName: 'listed' })];
    org.lists['apps/a1/users'] = [];
    const run = await org.begin();
    await org.listAll(run, 200);
    await org.sweep(run);
    // A run that has only begun does not hide the one before.
    await org.begin();
    const told = await org.told();
    await org.see({ person: person('00u1', { nickName: 'seen' }) }, 100);
    await org.see({ person: person('00u2', { nickName: 'seen' }) }, 100);
    await org.see(member(false), 100);
    await org.see(assigned(), 100);
    expect(await org.told()).toEqual(told);
    // Of what was seen after the run had begun the sighting is the newer.
    await org.see(member(false), 195);
    expect(await isThere('membership', 'g1|00u1')).toBe(false);
  });

  it('of a person changes nothing when a page has shown a newer state meanwhile', async () => {
    org.lists.users = [person('00u1', { status: 'SUSPENDED', lastUpdated: stamp(103) })];
    await org.list(await org.begin(), 104, 'people');
    await org.see({ person: person('00u1', { lastUpdated: stamp(99) }) }, 100);
    expect(await statusOf('00u1')).toBe('SUSPENDED');
  });

  it('stays when it comes between the look of a sweep and its writing', async () => {
    withLinks();
    await org.listAll(await org.begin(), 0);
    withoutLinks();
    const run = await org.begin();
    await org.listAll(run, 50);
    const { told } = org;
    const before = (await told()).length;
    orgs.inNextTransaction(async (transaction) => {
      await org.see(member(), 100);
      await org.see({ ...assigned(), assignment: { ...assigned().assignment, status: 'PASSWORD_EXPIRED' } }, 100);
      return transaction();
    });
    await org.sweep(run);
    expect(await isThere('membership', 'g1|00u1')).toBe(true);
    expect(await isThere('assignment', 'a1|00u1')).toBe(true);
    expect((await told()).slice(before)).toMatchObject([{ kind: 'assignment', removed: false }]);
  });

  it('stays when a sweep had already asked for the person, and has an older answer', async () => {
    await org.listAll(await org.begin(), 0);
    org.lists.byId = org.lists.users!;
    org.lists.users = [];
    const run = await org.begin();
    await org.listAll(run, 50);
    orgs.inNextTransaction(async (transaction) => {
      await org.see({ person: person('00u1', { status: 'SUSPENDED', lastUpdated: stamp(-100) }) }, 100);
      return transaction();
    });
    await org.sweep(run);
    expect(await statusOf('00u1')).toBe('SUSPENDED');
  });

  it('stays when it comes while the page that says otherwise is written', async () => {
    for (let round = 0; round < 15; round += 1) {
      org = await orgs.connect();
      withLinks();
      const run = await org.begin();
      const writing = [
        org.list(run, 99, 'memberships', 'g1'),
        org.see(member(false), 100),
        org.see(unassigned(), 100),
      ] as const;
      await Promise.all(writing);
      await org.list(run, 99, 'assignments', 'a1');
      expect(await isThere('membership', 'g1|00u1')).toBe(false);
      expect(await isThere('assignment', 'a1|00u1')).toBe(false);
    }
  });

  it('is of no use where the connection is not known, is another workspace’s, or was erased, even just now', async () => {
    const kept = () => orgs.mirror.of('person').countDocuments({ connection: { $in: [org.connection, 'con_none'] } });
    const seen = { person: person('00u1') };
    await org.see({ ...seen, workspace: newId('ws') }, 100);
    await org.see({ ...seen, connection: newId('con') }, 100);
    expect(
      await orgs.mirror.of('person').countDocuments({ 'sighting.at': second(100), connection: org.connection }),
    ).toBe(0);
    orgs.inNextTransaction(async (transaction) => {
      const outcome = await transaction();
      expect(await kept()).toBe(1);
      await orgs.connections.remove(org.connection, org.workspace, 'erase');
      return outcome;
    });
    await org.see(seen, 100);
    expect(await kept()).toBe(0);
    await org.see(seen, 100);
    expect(await kept()).toBe(0);
    expect(await org.told()).toEqual([]);
  });
});

describe('sync-service', () => {
  let service: INestApplication;
  let publisher: Nats;
  let streams: Streams;
  beforeAll(async () => {
    const { natsUrl, mongoUrl } = await testServers();
    publisher = new Nats({ servers: natsUrl, name: 'publisher' });
    streams = new Streams(publisher);
    const { privateJwk } = await newServiceKey('sync-service');
    const settings = { natsUrl, mongodbUrl: mongoUrl, httpPort: 0, servicePrivateKey: privateJwk };
    service = await NestFactory.create(syncServiceWith(Object.assign(new SyncConfig(), settings)), { logger: false });
    await service.init();
  });
  afterAll(() => Promise.all([service.close(), publisher.onApplicationShutdown()]));

  type Entry = Parameters<Streams['publishEntry']>[0];
  /** As a release has published it that knew of no internal stream. */
  const leaveInPublic = (entry: Entry) =>
    streams.publish('EVENTS', entry.subject, entry.payload, { id: entry.id, headers: cloudEventHeaders(entry) });
  const ways: [string, EventType<DirectorySeenV1>, (entry: Entry) => Promise<void>][] = [
    ['from its stream', directorySeen, (entry) => streams.publishEntry(entry)],
    ['as a release before has left it on the public stream', directorySeenBefore, leaveInPublic],
    ['as a release before has left it in the outbox', directorySeenBefore, (entry) => streams.publishEntry(entry)],
  ];

  it.each(ways)('takes what was seen, %s', async (_way, type, send) => {
    const [workspace, connection] = [newId('ws'), newId('con')];
    await service.get(ConnectionsRepository).learn(connectionOf(workspace, connection));
    const seen = { workspace, connection, at: second(0), person: person('00u1', { status: 'SUSPENDED' }) };
    await send({ ...eventEntry(type, workspace, seen as never), id: newId('evt') });
    const people = service.get(Mirror).of('person');
    let found = null;
    while (!found) found = await people.findOne({ _id: `${connection}|00u1` });
    expect(found).toMatchObject({
      v: expect.any(Number),
      removedAt: null,
      content: { status: 'SUSPENDED', profile: { nickName: 'as ever' } },
    });
  });

  it('leaves nothing internal where somebody outside reads', async () => {
    const workspace = newId('ws');
    const entry = eventEntry(directorySeenBefore, workspace, { workspace, connection: newId('con'), at: second(0) });
    await streams.publishEntry({ ...entry, id: newId('evt') });
    const manager = await streams.manager();
    const { state } = await manager.streams.info('EVENTS', { subjects_filter: `seatwise.*.${workspace}.>` });
    expect(state.subjects ?? {}).toEqual({});
    const internal = await manager.streams.info('INTERNAL', { subjects_filter: `seatwise.internal.${workspace}.>` });
    expect(internal.state.subjects).toEqual({ [`seatwise.internal.${workspace}.directory.seen`]: 1 });
  });
});
