import {
  actionExample,
  BudgetDto,
  bulkExample,
  ConnectionDto,
  connectionExample,
  ConnectionListDto,
  ConnectionTestDto,
  exampleIds,
  problems,
  RunDto,
  runExample,
  RunListDto,
  type Shape,
} from '@seatwise/contracts';
import {
  ActionCatalogueDto,
  ActionDto,
  ActionListDto,
  ActionPath,
  ActionsQuery,
  NewAction,
  NewUndo,
  OnceHeaders,
  PerformedActionDto,
} from '../actions/actions.dto.js';
import { catalogue } from '../actions/catalogue.js';
import {
  ActivePeopleDto,
  AppGroupsDto,
  AppHoursDto,
  AppHoursQuery,
  AppPath,
  AppsPage,
  AppsQuery,
  AppUsageDto,
  AppWindowQuery,
} from '../apps/apps.dto.js';
import { AuditCsvQuery, AuditPageDto, AuditQuery, AuditRecordDto, RecordPath } from '../audit/audit.dto.js';
import {
  ConnectionPath,
  ConnectionSettings,
  NewConnection,
  NewConnectionTest,
  RemovalQuery,
  NewToken,
} from '../connections/connections.dto.js';
import {
  BulkDto,
  BulkItemsDto,
  BulkItemsQuery,
  BulkListDto,
  BulkOnceHeaders,
  BulkPath,
  BulkQuery,
  NewBulk,
} from '../bulk/bulk.dto.js';
import { GroupListDto, GroupsQuery } from '../groups/groups.dto.js';
import { HealthDto } from '../health/health.dto.js';
import { ProblemDto } from '../door/problem.js';
import { IssuedKeyDto, KeyListDto, KeyPath, KeysQuery, NewKey } from '../keys/keys.dto.js';
import { MemberChange, MemberDto, MemberListDto, MemberPath, MembersQuery, NewMember } from '../members/members.dto.js';
import {
  Credentials,
  LinkDto,
  LinkToken,
  NewAdministratorLink,
  NewLink,
  NewPassword,
  OpenSessionListDto,
  ProviderPath,
  ProviderListDto,
  ReturnQuery,
  SessionDto,
  SessionPath,
  WaysDto,
  WorkspaceChoice,
} from '../sign-in/sign-in.dto.js';
import {
  AttributeListDto,
  AttributesQuery,
  PeopleFileQuery,
  PeoplePageDto,
  PeopleQuery,
  PersonDto,
  PersonPath,
  WindowQuery,
} from '../people/people.dto.js';
import { RunPath, RunsQuery } from '../runs/runs.dto.js';
import { SnapshotQuery } from '../snapshot/snapshot.dto.js';
import { SummaryDto, SummaryQuery } from '../summary/summary.dto.js';
import {
  NewWorkspace,
  OpenedWorkspaceDto,
  WorkspaceDto,
  WorkspacePath,
  WorkspaceSettings,
} from '../workspaces/workspaces.dto.js';
import {
  DeliveriesQuery,
  DeliveryDto,
  DeliveryListDto,
  DeliveryPath,
  NewReplay,
  ReplayedDto,
  WebhookChange,
  WebhookChoice,
  WebhookDto,
  WebhookListDto,
  WebhookPath,
  WebhookWithSecretDto,
} from '../webhooks/webhooks.dto.js';
import { SchemaPath } from './events.dto.js';
import { ProblemKindDto, ProblemKindListDto, ProblemPath } from './problems.dto.js';

const { workspace, connection, run, key, action, bulk, webhook, person, app, at } = exampleIds;
const webhookExample = {
  id: webhook,
  workspace,
  url: 'https://hooks.acme.example/seatwise',
  description: 'Ticketing',
  events: ['action.failed', 'bulk.stopped'],
  enabled: true,
  offBecause: null,
  offSince: null,
  failingSince: null,
  oldSecretUntil: null,
  due: 0,
  parked: 1,
  createdAt: at,
};
const deliveryExample = {
  workspace,
  event: 'evt_01jd3k5m7p9r2t4w6y8a0c2ec',
  webhook,
  type: 'action.failed',
  state: 'parked',
  attempts: 10,
  createdAt: at,
  nextAttemptAt: null,
  lastAttemptAt: at,
  lastStatus: 503,
  lastError: 'It answered 503.',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
};

const asOf = { connection, directory: at, signIns: at, signInsSince: '2026-10-24T00:00:00.000Z' };

const { orgUrl, checks, capabilities, health } = connectionExample;
const testExample = { id: 'tst_01jd3k5m7p9r2t4w6y8a0c2e5', workspace, orgUrl, checks, capabilities, health };

const budgetExample = { connection, bucket: '/api/v1/users', limit: 300, left: 212, fullAt: at };

const bulkItem = {
  n: 0,
  person,
  login: 'ada@acme.example',
  state: 'done',
  foreseen: null,
  action,
  tries: 1,
  code: null,
  detail: null,
  endedAt: at,
};

const appRow = {
  connection,
  id: app,
  label: 'Figma',
  name: 'figma',
  status: 'ACTIVE',
  seats: 420,
  used: 310,
  unused: 110,
};

const someOfPeople = {
  connection,
  status: ['ACTIVE', 'SUSPENDED'],
  seat: 'unused',
  app,
  search: 'ada',
  sort: 'name',
  order: 'asc',
  window: 30,
  attributes: ['department'],
};

const personRow = {
  connection,
  id: person,
  name: 'Ada Lovelace',
  login: 'ada@acme.example',
  email: 'ada@acme.example',
  status: 'ACTIVE',
  seat: 'used',
  lastSignIn: at,
  role: '',
};

const personExample = {
  connection,
  id: person,
  status: 'ACTIVE',
  created: at,
  activated: at,
  statusChanged: at,
  lastUpdated: at,
  deletedAt: null,
  profile: {
    firstName: 'Ada',
    lastName: 'Lovelace',
    login: 'ada@acme.example',
    email: 'ada@acme.example',
    costCenter: '42',
  },
  groups: [{ id: '00g1ab2cd3EF4gh5I6x7', name: 'Engineering', type: 'OKTA_GROUP' }],
  moreGroups: false,
  usage: {
    person: personRow,
    seats: [
      {
        app,
        label: 'Figma',
        seat: 'used',
        status: 'ACTIVE',
        scope: 'GROUP',
        group: '00g1ab2cd3EF4gh5I6x7',
        lastSignIn: at,
      },
    ],
    days: [{ app, day: '2026-11-23', signIns: 2 }],
    asOf,
  },
};

const keyExample = {
  id: key,
  name: 'Reporting',
  role: 'viewer',
  createdAt: at,
  expiresAt: '2027-11-23T00:00:00.000Z',
  lastUsedAt: null,
  revokedAt: null,
};
const keyText = `sw_${key}_(48 hexadecimal digits)`;
const workspaceExample = { id: workspace, name: 'Acme', timeZone: 'Europe/Berlin', createdAt: at };

const member = 'usr_01jd3k5m7p9r2t4w6y8a0c2ee';
const memberExample = {
  id: member,
  email: 'ada@acme.example',
  name: 'Ada Lovelace',
  role: 'admin',
  roleFrom: null,
  hasPassword: true,
  isLinked: false,
  createdAt: at,
  lastSignInAt: at,
};
const signedInPerson = { id: member, email: 'ada@acme.example', name: 'Ada Lovelace' };
const sessionExample = {
  person: signedInPerson,
  workspace: { id: workspace, name: 'Acme', timeZone: 'Europe/Berlin' },
  role: 'admin',
  hasPassword: true,
  workspaces: [{ id: workspace, name: 'Acme', role: 'admin' }],
  expiresAt: at,
};
const session = 'ses_01jd3k5m7p9r2t4w6y8a0c2ef';
const openSessionExample = {
  id: session,
  person: signedInPerson,
  current: true,
  way: 'oidc',
  provider: 'okta',
  address: '203.0.113.7',
  browser: 'Mozilla/5.0',
  openedAt: at,
  seenAt: at,
  expiresAt: at,
};
const token = 'x'.repeat(43);
const linkExample = { token, path: `/sign-in#link=${token}`, expiresAt: at };

const recordExample = {
  id: 'aud_01jd3k5m7p9r2t4w6y8a0c2e9',
  workspace,
  seq: 42,
  at,
  source: 'evt_01jd3k5m7p9r2t4w6y8a0c2ea',
  operation: 'act_01jd3k5m7p9r2t4w6y8a0c2eb',
  who: { key, person: { id: 'usr_01jd3k5m7p9r2t4w6y8a0c2ee', email: 'ada@acme.example' }, role: 'operator' },
  what: 'action.done',
  action: 'suspend_user',
  outcome: 'done',
  on: { kind: 'person', id: person, name: 'ada@acme.example' },
  connection,
  reason: 'On leave until January',
  asked: {},
  before: { status: 'ACTIVE' },
  after: { status: 'SUSPENDED' },
  effect: 'changed',
  verified: true,
  undoes: null,
  bulk: null,
  dryRun: false,
  status: null,
  code: null,
  okta: [
    { method: 'POST', path: `/api/v1/users/${person}/lifecycle/suspend`, status: 200, code: '', requestId: 'Zx81kQ' },
  ],
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  previous: 'f3'.repeat(32),
  hash: '9c'.repeat(32),
};

const problemKind = { code: 'run_not_found', ...problems.run_not_found };

const examples = new Map<Shape<object>, object>([
  [NewWorkspace, { workspaceName: 'Acme' }],
  [WorkspacePath, { workspace }],
  [WorkspaceDto, workspaceExample],
  [WorkspaceSettings, { name: 'Acme', timeZone: 'Europe/Berlin' }],
  [OpenedWorkspaceDto, { workspace: workspaceExample, key: keyText, keyId: key }],
  [NewKey, { name: 'Reporting', role: 'viewer', expiresAt: '2099-11-23T00:00:00.000Z' }],
  [KeyPath, { key }],
  [KeysQuery, { limit: 50 }],
  [IssuedKeyDto, { ...keyExample, key: keyText }],
  [KeyListDto, { keys: [keyExample], nextCursor: null }],
  [WebhookChoice, { url: webhookExample.url, description: 'Ticketing', events: webhookExample.events }],
  [WebhookChange, { events: webhookExample.events, enabled: true }],
  [WebhookPath, { webhook }],
  [DeliveryPath, { webhook, event: deliveryExample.event }],
  [DeliveriesQuery, { state: 'parked', limit: 50 }],
  [NewReplay, { since: '2026-11-23T00:00:00.000Z' }],
  [WebhookDto, webhookExample],
  [WebhookWithSecretDto, { ...webhookExample, secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
  [WebhookListDto, { webhooks: [webhookExample] }],
  [DeliveryDto, deliveryExample],
  [DeliveryListDto, { deliveries: [deliveryExample], nextCursor: null }],
  [ReplayedDto, { deliveries: 3 }],
  [NewMember, { email: 'grace@acme.example', name: 'Grace Hopper', role: 'viewer' }],
  [MemberChange, { name: 'Ada King', role: 'admin' }],
  [MemberPath, { member }],
  [MembersQuery, { limit: 50 }],
  [MemberDto, memberExample],
  [MemberListDto, { members: [memberExample], nextCursor: null }],
  [Credentials, { email: 'ada@acme.example', password: 'correct horse battery staple' }],
  [LinkToken, { token }],
  [WorkspaceChoice, { workspace }],
  [NewPassword, { password: 'a longer horse, with a new staple', current: 'correct horse battery staple' }],
  [SessionDto, sessionExample],
  [SessionPath, { session }],
  [OpenSessionListDto, { sessions: [openSessionExample] }],
  [NewLink, { email: 'ada@acme.example', minutes: 15 }],
  [NewAdministratorLink, { email: 'ada@acme.example', name: 'Ada Lovelace', minutes: 15 }],
  [LinkDto, linkExample],
  [
    ProviderListDto,
    {
      providers: [
        {
          id: 'okta',
          name: 'Okta',
          issuer: 'https://acme.okta.com',
          clientId: '0oa1ab2cd3EF4gh5I6x7',
          redirectAddress: 'https://seatwise.acme.example/api/v1/sign-in/oidc/okta/callback',
          claim: 'groups',
          roles: { 'Seatwise Admins': 'admin', Everyone: 'viewer' },
          roleWithoutClaim: null,
        },
      ],
    },
  ],
  [WaysDto, { password: true, oidc: [{ id: 'okta', name: 'Okta' }] }],
  [ProviderPath, { provider: 'okta' }],
  [ReturnQuery, { returnTo: '/people' }],
  [NewConnection, { orgUrl: 'https://acme.okta.com', token: '(your-Okta-API-token)', name: 'Acme', level: 'read' }],
  [NewConnectionTest, { orgUrl: 'https://acme.okta.com', token: '(your-Okta-API-token)', level: 'read' }],
  [ConnectionTestDto, testExample],
  [NewToken, { token: '(your-new-Okta-API-token)' }],
  [ConnectionSettings, { name: 'Acme', syncEveryMinutes: 30 }],
  [ConnectionPath, { connection }],
  [RemovalQuery, { history: 'keep' }],
  [ConnectionDto, connectionExample],
  [ConnectionListDto, { connections: [connectionExample] }],
  [RunsQuery, { connection, limit: 20 }],
  [RunPath, { run }],
  [RunDto, runExample],
  [RunListDto, { runs: [runExample], nextCursor: null, nextSyncAt: '2026-11-23T09:30:00.000Z' }],
  [NewAction, { action: 'suspend_user', person, parameters: {}, reason: 'On leave until March', dryRun: false }],
  [NewUndo, { reason: 'Back already' }],
  [OnceHeaders, { 'Idempotency-Key': '2f6d1c1e-8f4b-4f5e-9d0a-7c1b3a5e9d24', Prefer: 'wait=10' }],
  [ActionPath, { action }],
  [ActionsQuery, { connection, person, action: 'suspend_user', state: 'done', limit: 20 }],
  [ActionDto, actionExample],
  [ActionListDto, { actions: [actionExample], nextCursor: null }],
  [
    PerformedActionDto,
    {
      ...actionExample,
      action: 'reset_user_password',
      parameters: { sendEmail: false },
      secret: 'given',
      requests: [
        {
          ...actionExample.requests[0],
          path: `/api/v1/users/${person}/lifecycle/reset_password?sendEmail=false`,
        },
      ],
      after: { status: 'RECOVERY' },
      answer: { resetPasswordUrl: 'https://acme.okta.com/reset_password/(the-token)' },
    },
  ],
  [ActionCatalogueDto, { actions: catalogue().actions.filter((kind) => kind.action === 'change_user_password') }],
  [
    NewBulk,
    { action: 'suspend_user', parameters: {}, reason: 'The site closes', people: [person], failureShare: 0.05 },
  ],
  [BulkOnceHeaders, { 'Idempotency-Key': '2f6d1c1e-8f4b-4f5e-9d0a-7c1b3a5e9d25' }],
  [BulkPath, { bulk }],
  [BulkQuery, { connection, state: 'running', limit: 20 }],
  [BulkDto, bulkExample],
  [BulkListDto, { jobs: [bulkExample], nextCursor: null }],
  [BulkItemsQuery, { state: 'failed', limit: 50 }],
  [BulkItemsDto, { items: [bulkItem], nextCursor: null }],
  [PeopleQuery, { ...someOfPeople, limit: 50 }],
  [PeopleFileQuery, someOfPeople],
  [PersonPath, { connection, person }],
  [WindowQuery, { window: 30 }],
  [
    PeoplePageDto,
    { people: [{ ...personRow, attributes: { department: 'Research' } }], nextCursor: null, asOf: [asOf] },
  ],
  [AttributesQuery, { connection }],
  [AttributeListDto, { attributes: ['department', 'email', 'firstName', 'lastName', 'login'] }],
  [PersonDto, personExample],
  [GroupsQuery, { limit: 50 }],
  [GroupListDto, { groups: personExample.groups, nextCursor: null }],
  [AppsQuery, { connection, search: 'fig', sort: 'unused', order: 'desc', window: 30, trend: 'people', limit: 50 }],
  [AppPath, { connection, app }],
  [AppWindowQuery, { window: 30 }],
  [AppsPage, { apps: [{ ...appRow, trend: [171, 168, 180] }], nextCursor: null, asOf: [asOf] }],
  [
    AppGroupsDto,
    {
      groups: [{ ...personExample.groups[0], people: 380 }],
      moreGroups: false,
      direct: 40,
      byOther: 0,
    },
  ],
  [AppHoursQuery, { window: 30, zone: 'Europe/Berlin' }],
  [
    AppHoursDto,
    {
      zone: 'Europe/Berlin',
      hours: [{ weekday: 1, hour: 9, signIns: 212, times: 4 }],
      from: '2026-10-24',
      earlier: 0,
      asOf,
    },
  ],
  [ActivePeopleDto, { days: [{ day: '2026-11-23', daily: 180, weekly: 262, monthly: 310 }], asOf }],
  [AppUsageDto, { app: appRow, days: [{ day: '2026-11-23', signIns: 240, people: 180 }], asOf }],
  [SnapshotQuery, { connection }],
  [SummaryQuery, { connection, window: 30 }],
  [
    SummaryDto,
    {
      peopleByStatus: { ACTIVE: 2810, SUSPENDED: 40, DEPROVISIONED: 150 },
      people: 3000,
      apps: 60,
      assignments: 21400,
      signIns: 96000,
      unattributed: 12,
      okta: { seats: 2850, used: 2600, unused: 250 },
      mostUnused: [appRow],
      asOf: [asOf],
      complete: true,
    },
  ],
  [BudgetDto, budgetExample],
  [
    HealthDto,
    {
      queues: [{ queue: 'usage-directory', waiting: 12, inWork: 1 }],
      budgets: [budgetExample],
      parked: [
        {
          number: 7,
          queue: 'usage-directory',
          about: 'person.changed',
          reason: 'changes must be an array',
          parkedAt: at,
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        },
      ],
    },
  ],
  [SchemaPath, { schema: 'person.changed.v1.json' }],
  [ProblemPath, { code: 'run_not_found' }],
  [ProblemKindDto, problemKind],
  [ProblemKindListDto, { problems: [problemKind] }],
  [
    ProblemDto,
    {
      type: '/api/v1/problems/run_not_found',
      title: 'There is no such sync run',
      status: 404,
      code: 'run_not_found',
      detail: 'There is no such sync run.',
      remedy: problems.run_not_found.remedy,
      instance: `/api/v1/runs/${run}`,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    },
  ],
  [
    AuditQuery,
    {
      key,
      member,
      what: 'action.done',
      action: 'suspend_user',
      outcome: 'done',
      person,
      connection,
      from: '2026-11-01T00:00:00Z',
      to: '2026-12-01T00:00:00Z',
      search: 'ada',
      limit: 50,
    },
  ],
  [AuditCsvQuery, { from: '2026-11-01T00:00:00Z', to: '2026-12-01T00:00:00Z' }],
  [RecordPath, { record: recordExample.id }],
  [AuditRecordDto, recordExample],
  [AuditPageDto, { records: [recordExample], nextCursor: null }],
]);

/** What a request or answer of this contract looks like. A contract of the API without one is a mistake. */
export function exampleOf(Type: Shape<object>): unknown {
  const example = examples.get(Type);
  if (!example) throw new Error(`${Type.name} has no example`);
  return example;
}
