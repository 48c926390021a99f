import { Refusal } from '@seatwise/contracts';
import {
  appsMissing,
  BudgetWaitError,
  FeatureMissingError,
  ForeignLinkError,
  LinkLoopError,
  MalformedAnswerError,
  NotFoundError,
  PermissionDeniedError,
  RefusedError,
  TokenRejectedError,
  UnavailableError,
} from '@seatwise/okta';
import { outcomeOf } from './outcome.js';
import { Interrupted } from './work.js';

const task = { kind: 'assignments' as const, scope: '0oa1', next: null, attempts: 0, restarts: 0 };
const away = Object.assign(new Error('no primary'), { name: 'MongoServerSelectionError' });

describe('what a fault means for a task', () => {
  it.each([
    [new Interrupted(), {}, { kind: 'later', inMs: 0 }],
    [new BudgetWaitError(1_200.4), {}, { kind: 'later', inMs: 1_201, waitedMs: 1_200 }],
    [new NotFoundError('gone'), {}, { kind: 'done' }],
    [new NotFoundError('gone'), { scope: '', kind: 'people' as const }, { kind: 'again' }],
    [new PermissionDeniedError('no'), {}, { kind: 'missing', missing: { capability: 'apps', ...appsMissing } }],
    [
      new FeatureMissingError('no'),
      { kind: 'groups' as const },
      { kind: 'missing', missing: { capability: 'groups' } },
    ],
    [new TokenRejectedError('dead'), {}, { kind: 'rejected' }],
    [new ForeignLinkError('elsewhere'), {}, { kind: 'failed' }],
    [new LinkLoopError('in a circle'), {}, { kind: 'failed' }],
    [away, {}, { kind: 'away' }],
    [new UnavailableError('500'), {}, { kind: 'again', restart: false, inMs: 1_000 }],
    [new MalformedAnswerError('html'), { attempts: 2 }, { kind: 'again', inMs: 4_000 }],
    [new UnavailableError('500'), { attempts: 3 }, { kind: 'failed', reason: '500' }],
    [new RefusedError('400'), {}, { kind: 'failed' }],
    [new RefusedError('400'), { next: '/x' }, { kind: 'again', restart: true }],
    [new RefusedError('400'), { next: '/x', restarts: 3 }, { kind: 'failed' }],
    [new Error('a bug'), {}, { kind: 'again' }],
    [new Error('a bug'), { attempts: 3 }, { kind: 'failed', reason: 'a bug' }],
    [new Refusal('service_unavailable', 'nobody answers'), {}, { kind: 'later' }],
    [new Refusal('deadline_exceeded', 'too slow'), {}, { kind: 'later' }],
    [new Refusal('connection_not_found', 'gone'), {}, { kind: 'skipped' }],
    [new Refusal('internal_error', 'a key is missing'), {}, { kind: 'failed', reason: 'a key is missing' }],
  ])('%s %j: %j', (error, more, expected) => {
    expect(outcomeOf({ ...task, ...more }, error)).toMatchObject(expected);
  });
});
