import { Injectable } from '@nestjs/common';
import {
  getAttributes,
  getGroupsOfApp,
  getPersonRecord,
  getStatuses,
  listAttributes,
  partsOf,
  PersonNotFound,
  readMirror,
  type AttributeNamesDto,
  type AttributesDto,
  type AttributesRequest,
  type DirectoryKind,
  type InConnection,
  type GroupsOfAppDto,
  type GroupsOfAppRequest,
  type GroupOfPerson,
  type KnownPerson,
  type MirrorPage,
  type MirrorPageRequest,
  type PersonRecordDto,
  type PersonRequest,
  type PersonStatus,
  type StatusesDto,
  type StatusesRequest,
} from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { changeOf, Mirror, type Mirrored } from './mirror.js';

const mostGroups = 1_000;
const peopleLookedAt = 2_000;
/** Events are kept for 30 days; one of what is gone may still be on its way. */
const goneKeptMs = 31 * 86_400_000;

/** What others may read of the mirror. */
@Injectable()
export class DirectoryController {
  constructor(private readonly mirror: Mirror) {}

  @Handles(getPersonRecord)
  async person({ workspace, connection, person }: PersonRequest): Promise<PersonRecordDto> {
    const [found, memberships] = await Promise.all([
      this.mirror.of('person').findOne({ _id: `${connection}|${person}`, workspace }),
      this.mirror
        .of('membership')
        .find({ connection, workspace, 'content.person': person, removedAt: null })
        .limit(mostGroups + 1)
        .toArray(),
    ]);
    // Version 0: one whom nobody ever listed was seen not to be there.
    if (!found || found.v === 0) throw new PersonNotFound(person);
    const groups = await this.groups(
      connection,
      memberships.slice(0, mostGroups).map(({ scope }) => scope),
    );
    const { content, removedAt } = found;
    const { status, created, activated, statusChanged, lastUpdated, profile } = content as unknown as PersonRecordDto;
    return {
      id: person,
      status: removedAt ? 'deleted' : status,
      created: created === null ? null : new Date(created).toISOString(),
      activated,
      statusChanged,
      lastUpdated,
      deletedAt: removedAt?.toISOString() ?? null,
      profile,
      groups,
      moreGroups: memberships.length > mostGroups,
    };
  }

  @Handles(getGroupsOfApp)
  async groupsOfApp({ workspace, connection, app }: GroupsOfAppRequest): Promise<GroupsOfAppDto> {
    const ofApp = { $gt: `${connection}|${app}|`, $lt: `${connection}|${app}}` };
    const given = await this.mirror
      .of('group-assignment')
      .find({ _id: ofApp, workspace, removedAt: null })
      .limit(mostGroups + 1)
      .toArray();
    const ids = given.slice(0, mostGroups).map(({ content: { group } }) => String(group));
    const named = new Map((await this.groups(connection, ids)).map((group) => [group.id, group]));
    return {
      groups: ids.map((id) => named.get(id) ?? { id, name: '', type: '' }),
      moreGroups: given.length > mostGroups,
    };
  }

  private async groups(connection: string, ids: string[]): Promise<GroupOfPerson[]> {
    const found = await this.mirror
      .of('group')
      .find({ _id: { $in: ids.map((id) => `${connection}|${id}`) }, removedAt: null })
      .toArray();
    return found.map(({ id, content: { name, type } }) => ({ id, name: String(name), type: String(type) }));
  }

  @Handles(getStatuses)
  async statuses({ workspace, connection, people }: StatusesRequest): Promise<StatusesDto> {
    const found = await this.mirror
      .of('person')
      .find({ _id: { $in: people.map((person) => `${connection}|${person}`) }, workspace })
      .project<Pick<Mirrored, 'id' | 'removedAt' | 'content'>>({
        id: 1,
        removedAt: 1,
        'content.status': 1,
        'content.profile.login': 1,
      })
      .toArray();
    return { people: found.map(knownOf) };
  }

  @Handles(getAttributes)
  async attributes({ workspace, connection, people, names }: AttributesRequest): Promise<AttributesDto> {
    const found = await this.mirror
      .of('person')
      .find({ _id: { $in: people.map((person) => `${connection}|${person}`) }, workspace })
      .project<Pick<Mirrored, 'id' | 'content'>>({
        id: 1,
        'content.profile': 1,
      })
      .toArray();
    // Picked here: a name may have a dot or a dollar, which no projection could have.
    return { people: found.map(({ id, content }) => [id, picked(content.profile as Record<string, unknown>, names)]) };
  }

  @Handles(listAttributes)
  async attributeNames({ workspace, connection }: InConnection): Promise<AttributeNamesDto> {
    const found = await this.mirror
      .of('person')
      .aggregate<{ _id: string }>([
        { $match: { _id: { $gt: `${connection}|`, $lt: `${connection}}` }, workspace, removedAt: null } },
        { $sort: { _id: -1 } },
        { $limit: peopleLookedAt },
        { $project: { attribute: { $objectToArray: '$content.profile' } } },
        { $unwind: '$attribute' },
        { $match: { 'attribute.v': { $nin: [null, ''] }, 'attribute.k': { $not: /,/ } } },
        { $group: { _id: '$attribute.k' } },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    return { names: found.map(({ _id }) => _id) };
  }

  @Handles(readMirror)
  async page({ workspace, connection, kind, after = '', limit, asTold }: MirrorPageRequest): Promise<MirrorPage> {
    const inConnection = { $gt: `${connection}|${after}`, $lt: `${connection}}` };
    const wanted = asTold ? toldOf(kind) : { removedAt: null };
    const documents = await this.mirror
      .of(kind)
      .find({ _id: inConnection, workspace, ...wanted }, asTold ? { projection: { 'content.profile': 0 } } : {})
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    const items = documents.map(({ id, v, removedAt, content }) =>
      Object.assign({ id, v }, asTold ? changeOf(kind, { content }, removedAt !== null) : content),
    );
    const [page = []] = partsOf(items, limit);
    return { items: page };
  }
}

/** What somebody was ever told of. People are never forgotten, however long ago they have left. */
const toldOf = (kind: DirectoryKind) => ({
  v: { $gt: 0 },
  ...(kind !== 'person' && { $or: [{ removedAt: null }, { removedAt: { $gte: new Date(Date.now() - goneKeptMs) } }] }),
});

const picked = (profile: Record<string, unknown>, names: string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(profile, name)).map((name) => [name, profile[name]]));

function knownOf({ id, removedAt, content }: Pick<Mirrored, 'id' | 'removedAt' | 'content'>): KnownPerson {
  const { status, profile } = content as { status: PersonStatus; profile: { login?: unknown } };
  const login = typeof profile.login === 'string' ? profile.login.slice(0, 300) : '';
  return [id, removedAt ? 'deleted' : status, login];
}
