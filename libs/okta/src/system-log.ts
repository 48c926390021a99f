import { oktaItself, type SignIn } from '@seatwise/contracts';
import type { ListOptions, OktaClient, Page } from './client.js';
import { id, moment, record, text } from './shapes.js';

const sessionStart = 'user.session.start';
const appSignIn = 'user.authentication.sso';
const filter = encodeURIComponent(`eventType eq "${sessionStart}" or eventType eq "${appSignIn}"`);

/**
 * The sign-in that a log event is, or null: only successes are, of a user, to Okta itself or to the app that is the
 * event's AppInstance target (null where the log names none). The AppInstance of a session's start is where the person
 * was heading, not a use of it.
 */
export function parseSignIn(item: unknown): SignIn | null {
  const logged = record(item, 'log event');
  const uuid = text(logged.uuid, 'uuid');
  if (uuid === '' || uuid.length > 100) throw new Error('uuid is empty or too long');
  const at = Date.parse(moment(logged.published, 'published'));
  const type = text(logged.eventType, 'eventType');
  if (type !== sessionStart && type !== appSignIn) return null;
  if ((logged.outcome as { result?: unknown } | null)?.result !== 'SUCCESS') return null;
  const actor = record(logged.actor, 'actor');
  if (actor.type !== 'User') return null;
  const person = id(actor.id, 'actor.id');
  if (person === 'unknown') return null;
  if (type === sessionStart) return [uuid, at, person, oktaItself];
  const targets = Array.isArray(logged.target) ? (logged.target as { id?: unknown; type?: unknown }[]) : [];
  const app = targets.find((target) => target?.type === 'AppInstance');
  // Okta writes "unknown" where it has no id.
  return [uuid, at, person, app && app.id !== 'unknown' ? id(app.id, 'target.id') : null];
}

/**
 * The log's sign-in events in the order in which Okta stored them, from `since` on and never ending: an empty page
 * means that it is read up to now, and its `next` goes on from there.
 */
export const readSignIns = (
  okta: OktaClient,
  since: Date,
  options?: ListOptions,
): AsyncGenerator<Page<SignIn | null>> =>
  okta.list(
    `/api/v1/logs?since=${encodeURIComponent(since.toISOString())}&sortOrder=ASCENDING&limit=1000&filter=${filter}`,
    parseSignIn,
    { ...options, polling: true },
  );
