import type { AuditRepository } from './audit.repository.js';
import { beginning, hashOf, type AuditRecord, type Head } from './record.js';

export interface Verdict {
  /** How many records were found in order. */
  records: number;
  /** The end of the chain, as far as it is in order. */
  end: Head;
  /** What is wrong first; undefined: nothing. */
  fault: string | undefined;
}

/**
 * Walks a workspace's chain from its beginning, one record after the other, and compares its end with the head that is
 * kept apart. What is added meanwhile is walked too.
 */
export async function verify(audit: AuditRepository, workspace: string): Promise<Verdict> {
  let end = beginning;
  const verdict = (fault?: string): Verdict => ({ records: end.seq, end, fault });
  for (;;) {
    const head = await audit.head(workspace);
    for await (const record of audit.chain(workspace, end.seq, head.seq)) {
      const fault = faultOf(record, end);
      if (fault) return verdict(fault);
      end = { seq: record.seq, hash: record.hash };
    }
    if (end.seq < head.seq) return verdict(missing(end.seq + 1, head.seq, 'at the end'));
    if (end.seq === head.seq && end.hash !== head.hash)
      return verdict(`the head was changed: it does not have the hash of record ${end.seq}`);
    const last = await audit.lastOf(workspace);
    if (last <= head.seq) return verdict();
    const now = await audit.head(workspace);
    if (now.seq < last)
      return verdict(
        `the head was changed, or record ${now.seq + 1} added: it says that record ${now.seq} is the last`,
      );
  }
}

function faultOf(record: AuditRecord, { seq, hash }: Head): string | undefined {
  const name = `record ${record.seq} (${record._id})`;
  if (record.seq > seq + 1) return missing(seq + 1, record.seq - 1, `before ${name}`);
  if (record.seq !== seq + 1) return `${name} was added: there is another record ${record.seq}`;
  const follows = record.previous === hash;
  const isAsWritten = record.hash === hashOf(record);
  if (isAsWritten && follows) return undefined;
  if (follows) return `${name} was changed`;
  if (isAsWritten) return `${name} does not follow record ${seq}: one of the two was changed, added or moved`;
  return `${name} was moved, added or changed: it does not follow record ${seq}, nor is it as it was written`;
}

const missing = (first: number, last: number, where: string): string =>
  first === last ? `record ${first} is missing ${where}` : `records ${first} to ${last} are missing ${where}`;
