import type { Simulation } from '../simulation.js';
import { ControlError } from './control-error.js';

/** Locks a person out, as too many wrong passwords do: `{ "person": "00u…" }`. */
export function lockOut({ org, changes, clock }: Simulation, command: unknown): { status: string } {
  const n = org.directory.find(String((command as { person?: unknown }).person));
  const person = n < 0 ? undefined : org.directory.person(n);
  if (person?.status !== 'ACTIVE') throw new ControlError('person is nobody who is ACTIVE');
  const locked = org.directory.change(n, { status: 'LOCKED_OUT', statusChanged: clock.now() });
  changes.record(
    { label: 'control', request: null },
    {
      eventType: 'user.account.lock',
      message: 'Max sign in attempts exceeded',
      targets: [changes.user(locked)],
      result: 'FAILURE',
      reason: 'LOCKED_OUT',
      bySystem: true,
      detail: { from: person.status, to: locked.status },
    },
  );
  return { status: locked.status };
}
