import type { ActionDto, ActionName } from '@seatwise/contracts';
import type { Seatwise, TestOrg } from '../harness/seatwise.js';
import { changesAfter, ended, lastChangeOf } from './acting.js';
import { casesOf, type Case, type Expected } from './cases.js';
import { wrongInEvent, wrongInOrg, wrongInRecord, same, type Tried, type Truth } from './checks.js';
import { auditOf, cameTo, gathered, toldOf, type Came, type Recorded, type Told } from './kept.js';
import { setStage } from './stage.js';

/** What came of a case, beside what is documented. */
export interface Row {
  action: ActionName;
  from: string;
  outcome: string;
  documented: string;
  /** The effects in the ledger. */
  ledger: string;
  /** The records of the audit log: of the request at the door, and of the action. */
  audit: string;
  /** On the stream EVENTS. */
  events: string;
  /** The code of the problem, where it was one. */
  code: string | undefined;
  /** Whatever is otherwise than documented, in words; nothing where all is. */
  wrong: string[];
}

/** An org with somebody for every case. Its clock runs, for what was done is seen by its moment. */
export const orgForActions = { SIMULATOR_PEOPLE: '3000', SIMULATOR_FROZEN: 'false' };
/** The orgs that the table is tried on; the second is another workspace's. */
export const orgsForTable = [orgForActions, { ...orgForActions, SIMULATOR_PEOPLE: '60', SIMULATOR_SEED: '77' }];

/** Every action from every status, and every refusal that is documented, tried through the gateway on simulated orgs. */
export async function tableOf(seatwise: Seatwise): Promise<Row[]> {
  const stage = await setStage(seatwise);
  const all: Tried[] = [];
  for (const one of await casesOf(stage)) all.push(await tried(one, all.length + 1));
  const rows: Row[] = [];
  for (const { admin, workspace, org } of [stage.operator, stage.other]) {
    const here = all.filter(({ one }) => one.by.workspace === workspace);
    const came = await cameTo(org);
    const events = await gathered(
      () => toldOf(seatwise.nats, workspace),
      ({ length }) => length,
      here.reduce((sum, { one }) => sum + eventsFor(one.expected).length, 0),
    );
    const audit = await gathered(
      () => auditOf(admin),
      (records) => here.reduce((sum, each) => sum + recordsOf(each, records).length, 0),
      here.reduce((sum, { one }) => sum + recordsFor(one.expected).flat().length, 0),
    );
    rows.push(...here.map((each) => rowOf(each, recordsOf(each, audit), eventsOfCase(each, events), came)));
  }
  return rows;
}

async function tried(one: Case, number: number): Promise<Tried> {
  const { action, wish, by, first } = one;
  const { org } = by;
  await first?.();
  const before = await truthOf(org, action, wish);
  const changes = await lastChangeOf(org);
  const reason = `Case ${number}: ${action}, ${one.from}`;
  const { record, code, status } = await ended(by.api, by.connection, { action, ...wish, reason });
  return {
    one,
    reason,
    // As it is kept, however it was heard of.
    ...(record && { record: await by.api.call<ActionDto>('GET', `/actions/${record.id}`) }),
    code,
    status,
    made: await changesAfter(org, changes),
    before,
    after: await truthOf(org, action, wish),
  };
}

/** What an action is about, looked at by an administrator's own hand. */
async function truthOf(
  org: TestOrg,
  action: ActionName,
  { person = '', parameters = {} }: Case['wish'],
): Promise<Truth> {
  const get = (path: string) =>
    org.control<{ status: number; body: unknown }>('POST', 'act', { method: 'GET', path: `/api/v1/${path}` });
  const { group, app, profile } = parameters as { group?: string; app?: string; profile?: Record<string, unknown> };
  const { status, body } = await get(`users/${encodeURIComponent(person || String(profile?.login))}`);
  const user = status === 200 ? (body as { id: string; status: string; profile: Record<string, unknown> }) : undefined;
  const login = user ? String(user.profile.login) : null;
  if (action === 'create_user') return { login, shown: { id: user?.id ?? null } };
  if (app !== undefined)
    return { login, shown: { assigned: (await get(`apps/${app}/users/${person}`)).status === 200 } };
  if (group !== undefined) {
    const groups = user ? ((await get(`users/${person}/groups`)).body as { id: string }[]) : [];
    return { login, shown: { member: groups.some(({ id }) => id === group) } };
  }
  if (!profile) return { login, shown: { status: user?.status ?? 'deleted' } };
  const of = Object.keys(profile).map((name) => [name, user?.profile[name] ?? null]);
  return { login, shown: { profile: Object.fromEntries(of) as object } };
}

const recordsOf = ({ reason, one }: Tried, audit: Recorded[]): Recorded[] =>
  audit.filter(
    (record) =>
      record.reason === reason ||
      record.asked?.reason === reason ||
      // What the role did not allow is not read; the key is of this case alone.
      (one.expected.reached === 'role' && record.who.key === one.by.key),
  );

const eventsOfCase = ({ reason }: Tried, events: Told[]): Told[] =>
  events.filter(({ action }) => action.reason === reason);

/** What is recorded of a case: of the request at the door, and of the action. */
function recordsFor({ state, code, reached }: Expected): [door: string[], action: string[]] {
  const isRefused = state === 'refused' || state === 'failed';
  const refusal = `refused ${code}`;
  if (reached === 'key') return [[], []];
  if (reached === 'role') return [[refusal], []];
  const door = ['asked', isRefused ? refusal : 'done'];
  return reached === 'request' ? [door, []] : [door, ['requested', [state, code].filter(Boolean).join(' ')]];
}

const saidOf = (records: Recorded[]): ReturnType<typeof recordsFor> => [
  records.filter(({ action }) => action === null).map(({ outcome, code }) => [outcome, code].filter(Boolean).join(' ')),
  records
    .filter(({ action }) => action !== null)
    .map(({ what, code }) => [what.replace('action.', ''), code].filter(Boolean).join(' ')),
];

const eventsFor = ({ state, reached }: Expected): string[] => (reached === 'action' ? ['requested', state] : []);

function rowOf(each: Tried, records: Recorded[], events: Told[], came: Came[]): Row {
  const { one, record, code, made } = each;
  const outcome = said(
    record
      ? { state: record.state, effect: record.effect, ...(record.fault && { code: record.fault.code }) }
      : { state: 'refused', effect: 'none', ...(code && { code: code as Expected['code'] & string }) },
  );
  const told = events.map(({ name }) => name.replace('action.', ''));
  const [documented, recorded] = [said(one.expected), saidOf(records)];
  return {
    action: one.action,
    from: one.from,
    outcome,
    documented,
    ledger: counted(made.map(({ what }) => what)),
    audit: recorded
      .filter(({ length }) => length > 0)
      .map((part) => part.join(', '))
      .join(' · '),
    events: told.join(', '),
    code: record?.fault?.code ?? code,
    wrong: [
      ...same('outcome', outcome, documented),
      ...wrongInOrg(each, came),
      ...same('audit', recorded, recordsFor(one.expected)),
      ...same('events', told, eventsFor(one.expected)),
      ...events.flatMap((event) => wrongInEvent(each, event)),
      ...records.flatMap((found) => wrongInRecord(each, found, events)),
    ],
  };
}

const said = ({ state, effect, code }: Pick<Expected, 'state' | 'effect' | 'code'>): string =>
  [state, state === 'done' && effect === 'none' && '(so already)', code].filter(Boolean).join(' ');

/** What happened, and how often where it was more than once. */
const counted = (all: string[]): string =>
  [...Map.groupBy(all, (what) => what)]
    .map(([what, { length }]) => (length > 1 ? `${length} × ${what}` : what))
    .join(' ');
