import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { callerOf, httpOf } from '../door/caller.js';
import { inTime } from '../door/in-time.js';
import { factsOf } from '../door/operation.js';
import { covers } from '../door/roles.js';
import { AuditLog } from './audit-log.js';
import { factsOfRequest } from './request-facts.js';

/** Guards run before the deadline of an operation begins, so the record has one of its own. */
const recordMs = 5_000;

/**
 * Refuses what the role of the caller does not cover, and records the attempt. It comes after the throttle: nobody can fill
 * the log faster than they may ask.
 */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(private readonly log: AuditLog) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const allows = factsOf(context.getHandler())?.allows;
    const caller = callerOf(httpOf(context).request);
    if (!caller || allows === undefined || allows === 'anyone' || allows === 'bootstrap') return true;
    if (covers(caller.role, allows)) return true;
    const refusal = new Refusal('forbidden', `This needs the role ${allows}; yours is ${caller.role}.`);
    const { status, code } = refusal;
    await inTime(this.log.append({ ...factsOfRequest(context), outcome: 'refused', status, code }), recordMs);
    throw refusal;
  }
}
