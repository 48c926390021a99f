import type { Simulation } from '../simulation.js';
import { ControlError } from './control-error.js';

/**
 * Has a person sign in, now or at an earlier moment (which makes the event a late one).
 * `{ "person": "00u…", "app": "0oa…" }`: to Okta itself without `app`, to an app that the log does not name with null.
 */
export function signIn(simulation: Simulation, command: unknown): { signedIn: number } {
  const {
    person,
    app,
    published,
    count = 1,
  } = command as { person?: string; app?: string | null; published?: string; count?: number };
  const { org, changes, clock } = simulation;
  const n = org.directory.find(person ?? '');
  const who = n < 0 ? undefined : org.directory.person(n);
  if (!who) throw new ControlError('person is nobody of this org');
  const where = typeof app === 'string' ? org.app(app) : app;
  if (typeof app === 'string' && !where) throw new ControlError('app is none of this org');
  const moment = published === undefined ? clock.now() : Date.parse(published);
  if (Number.isNaN(moment) || moment > clock.now())
    throw new ControlError('published must be a moment that has passed');
  for (let at = 0; at < count; at += 1) changes.signIn(who, where, moment);
  return { signedIn: count };
}
