import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { httpOf } from '../door/caller.js';
import { inTime } from '../door/in-time.js';
import { factsOf } from '../door/operation.js';
import { refusalOf } from '../door/refusal-of.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { AuditLog } from './audit-log.js';
import type { AuditFacts } from './record.js';
import { askedIn, doneIn, endOf, factsOfRequest, refusedIn, type CameTo } from './request-facts.js';

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);
/** How long a request waits for its record. */
const recordMs = 5_000;

/**
 * Records every request that changes something: that it is about to be done, and what came of it. What cannot be
 * recorded is not done. It is the innermost interceptor, so that what is shed at the door is not recorded, and what
 * ends after its caller was told to wait no longer is.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  constructor(
    private readonly log: AuditLog,
    private readonly workspaces: WorkspacesRepository,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const facts = factsOf(context.getHandler());
    const isRecorded = facts && facts.audited !== null && !reads.has(httpOf(context).request.method);
    return isRecorded ? from(this.recorded(context, next)) : next.handle();
  }

  private async recorded(context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const asked = askedIn(context);
    const facts: AuditFacts = { ...(await this.factsOf(context)), asked: asked ?? null, outcome: 'asked' };
    // What does not fit its contract is refused before anything is done: that it was refused says it all.
    if (asked !== undefined) await this.begin(facts);
    try {
      const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
      await this.done(doneIn(facts, answer), httpOf(context).response.statusCode);
      return answer;
    } catch (error) {
      await this.end(refusedIn(facts, error), cameTo(error));
      throw error;
    }
  }

  /** The operator's request belongs to the workspace that it names, where there is one. */
  private async factsOf(context: ExecutionContext): Promise<Omit<AuditFacts, 'outcome'>> {
    const facts = factsOfRequest(context);
    const { workspace } = httpOf(context).request.params;
    if (facts.who.role !== 'bootstrap' || typeof workspace !== 'string') return facts;
    return (await this.workspaces.find(workspace)) ? { ...facts, workspace } : facts;
  }

  private async begin(facts: AuditFacts): Promise<void> {
    try {
      await inTime(this.log.append(facts), recordMs);
    } catch (error) {
      // It may be recorded yet; then it is told as well that nothing came of it.
      void this.end(facts, { outcome: 'refused', status: 503, code: 'service_unavailable' });
      if (error instanceof Refusal) throw error;
      throw new Refusal('service_unavailable', 'This cannot be recorded in the audit log, and so it is not done.');
    }
  }

  private async done(facts: AuditFacts, status: number): Promise<void> {
    const ended = { outcome: 'done', status, code: null } as const;
    await this.end(facts, ended);
    const { on, workspace } = facts;
    // The first record of a new workspace is that of its opening.
    if (on.kind === 'workspace' && on.id !== null && on.id !== workspace)
      await this.end({ ...facts, workspace: on.id }, ended);
  }

  /** It is done, or not, whatever becomes of its record: the answer waits for that only so long. */
  private async end(facts: AuditFacts, came: CameTo): Promise<void> {
    const record = this.log.append(endOf(facts, came));
    await inTime(record, recordMs).catch(() => undefined);
  }
}

/** Who gave no answer, or none that was foreseen, may have done it all the same. */
function cameTo(error: unknown): CameTo {
  const { code, status } = refusalOf(error) ?? { code: 'internal_error', status: 500 };
  const isDefinite = status < 500 || status === 502;
  return { outcome: isDefinite ? 'refused' : 'unknown', status, code };
}
