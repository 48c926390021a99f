import type { ActionDto } from './actions.js';
import type { BulkDto } from './bulk.js';
import type {
  AppChangedV1,
  AssignmentChangedV1,
  GroupAssignmentChangedV1,
  GroupChangedV1,
  MembershipChangedV1,
  PersonChangedV1,
} from './changes.js';
import type { ConnectionRemovedV1 } from './connections.js';
import type { DirectoryCompleteV1, SignInsRecordedV1 } from './directory.js';
import { actionExample, bulkExample, connectionExample, exampleIds, runExample } from './examples.js';
import type { Plain } from './message.js';
import type { UsageDayChangedV1 } from './usage.js';
import type { WebhookDisabledV1 } from './webhooks.js';

/** What is told of each kind of event that may leave Seatwise to whoever reads it, by the name of its schema. */
export const saysOfEvents: Record<string, { title: string; description: string }> = {
  'connection.connected.v1': { title: 'An org was connected', description: 'The connection as it is now.' },
  'connection.changed.v1': {
    title: 'A connection was changed or tested',
    description: 'The connection as it is now. Of two copies the one with the higher `version` is the newer.',
  },
  'connection.removed.v1': {
    title: 'An org was disconnected',
    description: 'With `erase` all that is known of the org is taken away, and a copy of it should be as well.',
  },
  'sync-run.changed.v1': {
    title: 'A sync run began, went on or ended',
    description: 'The run as it is now. Of two copies the one with the higher `version` is the newer.',
  },
  'person.changed.v1': {
    title: 'People changed',
    description:
      'People of an org as they are now, a page at a time. Somebody who is gone from Okta comes with the status `deleted`.',
  },
  'app.changed.v1': { title: 'Apps changed', description: 'Apps of an org as they are now, a page at a time.' },
  'assignment.changed.v1': {
    title: 'Assignments changed',
    description: 'Who is assigned to which app, and how, as it is now, a page at a time.',
  },
  'group.changed.v1': { title: 'Groups changed', description: 'Groups of an org as they are now, a page at a time.' },
  'membership.changed.v1': {
    title: 'Memberships changed',
    description: 'Who is in which group as it is now, a page at a time.',
  },
  'group-assignment.changed.v1': {
    title: 'Assignments of apps to groups changed',
    description: 'Which app is assigned to which group as it is now, a page at a time.',
  },
  'directory.complete.v1': {
    title: 'The mirror of an org is complete',
    description: 'All changes up to a moment have been published before this.',
  },
  'sign-ins.recorded.v1': {
    title: 'Sign-ins were read',
    description:
      "Successful sign-ins from Okta's System Log, a page at a time. The same sign-in may come twice: its `uuid` tells.",
  },
  'usage-day.changed.v1': {
    title: 'The use of a day was counted',
    description:
      'Sign-ins and people of each app on a day (UTC), of those apps that have more than was told last: once with each reading of the log that brought any.',
  },
  'action.requested.v1': { title: 'An action was asked for', description: 'The action as it is now.' },
  'action.done.v1': {
    title: 'An action was done',
    description: 'The action with what came of it. With the effect `none` it was so already.',
  },
  'action.refused.v1': {
    title: 'An action was refused',
    description: 'By a rule of Seatwise or by the definite word of Okta; `fault` says why.',
  },
  'action.failed.v1': { title: 'An action could not be done', description: '`fault` says why.' },
  'action.unknown.v1': {
    title: 'Nobody knows whether an action was done',
    description: 'Okta did not say, and it cannot be told by looking. Somebody should look.',
  },
  'bulk.waiting_for_approval.v1': {
    title: 'A bulk job waits for approval',
    description: 'It was started, and waits until another person approves it.',
  },
  'bulk.started.v1': { title: 'A bulk job was started', description: 'The job as it is now.' },
  'bulk.paused.v1': { title: 'A bulk job was paused', description: 'The job as it is now.' },
  'bulk.resumed.v1': { title: 'A bulk job goes on', description: 'The job as it is now.' },
  'bulk.stopped.v1': {
    title: 'A bulk job stopped by itself',
    description: 'More failed than its `failureShare` allows. It can be gone on with.',
  },
  'bulk.cancelled.v1': { title: 'A bulk job was cancelled', description: 'The job as it is now.' },
  'bulk.done.v1': {
    title: 'A bulk job is done',
    description: 'Nobody waits any more; `counts` says what came of how many.',
  },
  'webhook.disabled.v1': {
    title: 'A webhook was switched off',
    description: 'By Seatwise itself, because its receiver is gone or has taken nothing for days.',
  },
};

const { workspace, connection, run, person, app, group, webhook, at } = exampleIds;
const home = { workspace, connection };
const v = 1_763_889_300_000;
const created = 1_704_186_000_000;

const bulkIn = (state: BulkDto['state']): Plain<BulkDto> => ({ ...bulkExample, state });
const actionIn = (state: ActionDto['state'], own: Partial<Plain<ActionDto>> = {}): Plain<ActionDto> => ({
  ...actionExample,
  state,
  ...own,
});
const faulty = (own: ActionDto['fault']): Partial<Plain<ActionDto>> => ({
  effect: null,
  verified: false,
  after: null,
  requests: [],
  fault: own,
});

/** What the data of each looks like, by the name of its schema. */
export const eventExamples: Record<string, object> = {
  'connection.connected.v1': { ...connectionExample, version: 1 },
  'connection.changed.v1': connectionExample,
  'connection.removed.v1': { ...home, history: 'keep' } satisfies ConnectionRemovedV1,
  'sync-run.changed.v1': runExample,
  'person.changed.v1': {
    ...home,
    kind: 'person',
    changes: [
      {
        id: person,
        v,
        status: 'ACTIVE',
        login: 'ada@acme.example',
        email: 'ada@acme.example',
        name: 'Ada Lovelace',
        created,
      },
    ],
  } satisfies PersonChangedV1,
  'app.changed.v1': {
    ...home,
    kind: 'app',
    changes: [{ id: app, v, label: 'Figma', name: 'figma', status: 'ACTIVE', removed: false }],
  } satisfies AppChangedV1,
  'assignment.changed.v1': {
    ...home,
    kind: 'assignment',
    changes: [{ id: `${app}|${person}`, v, scope: 'GROUP', status: 'ACTIVE', group, created, removed: false }],
  } satisfies AssignmentChangedV1,
  'group.changed.v1': {
    ...home,
    kind: 'group',
    changes: [{ id: group, v, name: 'Engineering', type: 'OKTA_GROUP', removed: false }],
  } satisfies GroupChangedV1,
  'membership.changed.v1': {
    ...home,
    kind: 'membership',
    changes: [{ id: `${group}|${person}`, v, removed: false }],
  } satisfies MembershipChangedV1,
  'group-assignment.changed.v1': {
    ...home,
    kind: 'group-assignment',
    changes: [{ id: `${app}|${group}`, v, removed: true }],
  } satisfies GroupAssignmentChangedV1,
  'directory.complete.v1': { ...home, run, asOf: at } satisfies DirectoryCompleteV1,
  'sign-ins.recorded.v1': {
    ...home,
    signIns: [
      ['f7a4c1d2-8f4b-11f0-9d0a-7c1b3a5e9d24', Date.parse(at), person, app],
      ['f7a4c1d3-8f4b-11f0-9d0a-7c1b3a5e9d24', Date.parse(at), person, 'okta'],
    ],
    completeUpTo: at,
    completeSince: '2026-10-24T00:00:00.000Z',
  } satisfies SignInsRecordedV1,
  'usage-day.changed.v1': {
    ...home,
    day: '2026-11-23',
    completeUpTo: at,
    apps: [
      { app, signIns: 240, people: 180 },
      { app: 'okta', signIns: 910, people: 655 },
    ],
  } satisfies UsageDayChangedV1,
  'action.requested.v1': actionIn('accepted', {
    effect: null,
    verified: false,
    endedAt: null,
    before: null,
    after: null,
    requests: [],
    version: 1,
  }),
  'action.done.v1': actionExample,
  'action.refused.v1': actionIn(
    'refused',
    faulty({
      code: 'person_status',
      detail: 'Ada is SUSPENDED; suspend_user is for those who are ACTIVE, PROVISIONED or PASSWORD_EXPIRED.',
      possible: ['unsuspend_user', 'deactivate_user'],
    }),
  ),
  'action.failed.v1': actionIn(
    'failed',
    faulty({ code: 'okta_unavailable', detail: 'Okta did not answer. Nothing was changed.', possible: [] }),
  ),
  'action.unknown.v1': actionIn(
    'unknown',
    faulty({ code: 'outcome_unknown', detail: 'Whether Okta did it cannot be told by looking.', possible: [] }),
  ),
  'bulk.waiting_for_approval.v1': bulkIn('waiting_for_approval'),
  'bulk.started.v1': bulkExample,
  'bulk.paused.v1': bulkIn('paused'),
  'bulk.resumed.v1': bulkExample,
  'bulk.stopped.v1': bulkIn('stopped'),
  'bulk.cancelled.v1': bulkIn('cancelled'),
  'bulk.done.v1': bulkIn('done'),
  'webhook.disabled.v1': {
    workspace,
    webhook,
    description: 'Ticketing',
    reason: 'failing',
    failingSince: at,
  } satisfies WebhookDisabledV1,
};
