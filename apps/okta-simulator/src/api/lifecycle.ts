import type { Person, Status } from '../org/people.js';
import { invalid, notFound, refusal, type OktaRefusal } from '../http/refusals.js';
import { letters } from '../random.js';
import type { ApiAnswer, ApiRequest, Handler, Simulation } from '../simulation.js';
import { actorOf, flagOf, noContent, nothing } from './acting.js';
import { applyRules } from './rules.js';
import { personOf } from './users.js';

/** Moves a person to a status and writes it down. */
export function move(
  simulation: Simulation,
  request: ApiRequest,
  person: Person,
  change: Partial<Person>,
  eventType: string,
  message: string,
): Person {
  const { org, changes, clock } = simulation;
  const moved = change.status !== undefined && change.status !== person.status;
  const after = org.directory.change(person.n, { ...change, ...(moved && { statusChanged: clock.now() }) });
  changes.record(actorOf(request), {
    eventType,
    message,
    targets: [changes.user(after)],
    detail: { from: person.status, to: after.status },
  });
  return after;
}

/** What a call from a wrong status is refused with: as the org was told, or as it mostly is. */
export function wrongStatus(
  { options }: Simulation,
  act: string,
  { status }: Person,
  usual = refusal('E0000038'),
): OktaRefusal {
  const { refusals } = options.unknowns;
  const code = refusals[`${act} ${status}`] ?? refusals[act];
  return code ? refusal(code, [], act) : usual;
}

const unable = (why: string) => invalid(why, why);

export const activate: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  if (!['STAGED', 'DEPROVISIONED'].includes(person.status) || person.transitioningToStatus) throw refusal('E0000016');
  activatePerson(simulation, request, person);
  return flagOf(request, 'sendEmail', true) ? nothing : activationLink(simulation, request);
};

/** Where the person goes instead of to their mail. */
function activationLink({ org, bodies, options }: Simulation, { number }: ApiRequest): ApiAnswer {
  const activationToken = letters(org.seed, 61_000, number, 20);
  const path = options.pipeline === 'v1' ? `welcome/${activationToken}` : `tokens/${activationToken}/verify`;
  return { status: 200, body: JSON.stringify({ activationUrl: `${bodies.origin}/${path}`, activationToken }) };
}

/** An activation is in flight for a while, if the org is told so: the status follows. */
export function activatePerson(simulation: Simulation, request: ApiRequest, person: Person): Person {
  const { clock, options, org } = simulation;
  const status: Status =
    person.hasPassword || ['FEDERATION', 'SOCIAL'].includes(person.provider) ? 'ACTIVE' : 'PROVISIONED';
  const ready = clock.now() + options.activationMs;
  const done = { status, transitioningToStatus: null, activated: ready, statusChanged: ready };
  const change = options.activationMs > 0 ? { transitioningToStatus: status } : done;
  const after = move(simulation, request, person, change, 'user.lifecycle.activate', 'Activate Okta user');
  if (options.activationMs > 0) org.directory.change(person.n, done, ready);
  const held = org.assignments.appsOf(person.n).map(({ n }) => n);
  org.assignments.noteAccess(person.n, held, ready);
  applyRules(simulation, request, after, person.profile);
  return after;
}

export const reactivate: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  if (!['PROVISIONED', 'RECOVERY'].includes(person.status)) throw refusal('E0000038');
  move(simulation, request, person, {}, 'user.lifecycle.reactivate', 'Reactivate Okta user');
  return flagOf(request, 'sendEmail', true) ? nothing : activationLink(simulation, request);
};

export const deactivate: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  if (person.status === 'DEPROVISIONED') throw notFound(simulation.org.people.ids.of(person.n), 'User');
  deactivatePerson(simulation, request, person);
  return nothing;
};

/** Takes every app away, for good; memberships stay. */
function deactivatePerson(simulation: Simulation, request: ApiRequest, person: Person): void {
  const { org, changes, clock, options } = simulation;
  const apps = org.assignments.appsOf(person.n);
  const isInFlight = options.activationMs > 0 && /respond-async/.test(String(request.headers.prefer));
  const gone = clock.now() + (isInFlight ? options.activationMs : 0);
  const done = { status: 'DEPROVISIONED', transitioningToStatus: null, lostDirectAssignments: true } as const;
  const change = isInFlight ? ({ transitioningToStatus: 'DEPROVISIONED' } as const) : done;
  move(simulation, request, person, change, 'user.lifecycle.deactivate', 'Deactivate Okta user');
  if (isInFlight) org.directory.change(person.n, { ...done, statusChanged: gone }, gone);
  org.assignments.forget(person.n);
  for (const { n } of apps) org.assignments.lose(n, person.n, gone);
  for (const app of apps) changes.assignment(actorOf(request), app, person, 'remove', true);
}

/** The first call deactivates, the second deletes; nothing in the answers tells them apart. */
export const deleteUser: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  if (person.status !== 'DEPROVISIONED') {
    deactivatePerson(simulation, request, person);
    return noContent;
  }
  const { org, changes } = simulation;
  const targets = [changes.user(person)];
  changes.record(actorOf(request), {
    eventType: 'user.lifecycle.delete.initiated',
    message: 'Initiate deletion of Okta user',
    targets,
  });
  org.directory.delete(person.n);
  changes.record(actorOf(request), {
    eventType: 'user.lifecycle.delete.completed',
    message: 'Complete deletion of Okta user',
    targets,
  });
  return noContent;
};

export const suspend: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  if (person.status !== 'ACTIVE' && !simulation.options.unknowns.suspendableStatuses.includes(person.status))
    throw wrongStatus(simulation, 'suspend', person, unable('Cannot suspend a user that is not active'));
  move(simulation, request, person, { status: 'SUSPENDED' }, 'user.lifecycle.suspend', 'Suspend Okta user');
  return nothing;
};

export const unsuspend: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  if (person.status !== 'SUSPENDED')
    throw wrongStatus(simulation, 'unsuspend', person, unable('Cannot unsuspend a user that is not suspended'));
  move(simulation, request, person, { status: 'ACTIVE' }, 'user.lifecycle.unsuspend', 'Unsuspend Okta user');
  return nothing;
};

export const unlock: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  if (person.status !== 'LOCKED_OUT' || person.provider === 'ACTIVE_DIRECTORY')
    throw wrongStatus(simulation, 'unlock', person, refusal('E0000032', ['The user is not locked out.']));
  move(
    simulation,
    request,
    person,
    { status: 'ACTIVE' },
    'user.account.unlock_by_admin',
    'Unlock user account by admin',
  );
  return nothing;
};

export const resetFactors: Handler = (simulation, request, key = '') => {
  const person = personOf(simulation, key);
  move(simulation, request, person, {}, 'user.mfa.factor.reset_all', 'Reset all factors for user');
  return nothing;
};
