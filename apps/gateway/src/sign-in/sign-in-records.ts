import { Injectable } from '@nestjs/common';
import { newId, type ProblemCode } from '@seatwise/contracts';
import { AuditLog } from '../audit/audit-log.js';
import { newFacts, operatorsChain, type AuditFacts } from '../audit/record.js';
import { inTime } from '../door/in-time.js';
import type { Member } from '../members/members.repository.js';
import type { Session, Way } from './sessions.repository.js';

const recordMs = 5_000;

/** Sign-ins in the audit log, in the workspace of each account that they are for. */
@Injectable()
export class SignInRecords {
  constructor(private readonly log: AuditLog) {}

  opened(session: Session, accounts: Member[]): Promise<void> {
    return this.write(
      accounts.map((account) => ({
        ...common(session, session.address),
        workspace: account.workspace,
        who: { key: null, person: { id: account._id, email: account.email }, role: account.role },
        outcome: 'done',
        on: { kind: 'session', id: session._id, name: null },
        status: 201,
      })),
    );
  }

  /**
   * That somebody tried, and who they said they were. What is nobody's address is not kept, for it may be a password; that
   * there was a try is in the operator's chain.
   */
  refused(accounts: Member[], way: Way, address: string, code: ProblemCode, status: number): Promise<void> {
    const who = { key: null, person: null, role: 'nobody' };
    const facts = { ...common(way, address), who, outcome: 'refused', status, code } as const;
    const nobody = { ...facts, workspace: operatorsChain, on: { kind: 'member', id: null, name: null } };
    const known = accounts.map(({ workspace, _id: id, email: name }) => {
      const own = newId('aud');
      return { ...facts, id: own, source: own, operation: own, workspace, on: { kind: 'member', id, name } };
    });
    return this.write(known.length > 0 ? known : [nobody]);
  }

  private async write(records: AuditFacts[]): Promise<void> {
    await inTime(Promise.all(records.map((facts) => this.log.append(facts))), recordMs);
  }
}

const common = ({ way, provider }: Way, address: string) => ({
  ...newFacts(),
  what: 'session.opened',
  asked: { way, ...(provider !== null && { provider }), address },
});
