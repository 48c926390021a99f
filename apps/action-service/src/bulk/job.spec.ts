import type { BulkCountsDto } from '@seatwise/contracts';
import type { Action } from '../actions/action.js';
import { isFailure, isTooMuch, type BulkJob } from './job.js';

const counts = (own: Partial<BulkCountsDto>): BulkCountsDto => ({
  total: 0, waiting: 0, running: 0, done: 0, none: 0, refused: 0, failed: 0, unknown: 0, failures: 0, ...own,
}); // prettier-ignore
const job = (since = { ended: 0, failures: 0 }) => ({ since, failureShare: 0.05 }) as BulkJob;
const ended = (own: object) => ({ state: 'refused', requests: [], fault: null, ...own }) as unknown as Action;

describe('the threshold of a bulk job', () => {
  it('is more than a share of what has ended, and ten at least', () => {
    expect(isTooMuch(job(), counts({ failed: 9, failures: 9 }))).toBe(false);
    expect(isTooMuch(job(), counts({ failed: 10, failures: 10 }))).toBe(true);
    expect(isTooMuch(job(), counts({ done: 190, failed: 10, failures: 10 }))).toBe(false);
    expect(isTooMuch(job(), counts({ done: 189, failed: 10, failures: 10 }))).toBe(true);
  });

  it('looks at what came after its last start alone', () => {
    const since = { ended: 20, failures: 12 };
    expect(isTooMuch(job(since), counts({ done: 8, failed: 12, failures: 12 }))).toBe(false);
    expect(isTooMuch(job(since), counts({ done: 8, failed: 22, failures: 22 }))).toBe(true);
  });

  it('counts what Okta refuses or the connection does not allow, and not what is wrong with the person alone', () => {
    expect(isFailure(ended({ fault: { code: 'person_status' } }))).toBe(false);
    expect(isFailure(ended({ fault: { code: 'connection_paused' } }))).toBe(true);
    expect(isFailure(ended({ requests: [{ sent: 1 }], fault: { code: 'person_status' } }))).toBe(true);
    expect(isFailure(ended({ state: 'done' }))).toBe(false);
    expect(isFailure(ended({ state: 'unknown' }))).toBe(true);
  });
});
