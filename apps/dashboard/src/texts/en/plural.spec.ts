import { describe, expect, it } from '@jest/globals';
import { t } from '..';

describe('a number and its word', () => {
  it('agree', () => {
    expect([1, 2, 1_200].map((count) => t.job.start(count))).toEqual([
      'Start for 1 person',
      'Start for 2 people',
      'Start for 1,200 people',
    ]);
    expect([0, 1].map((count) => t.charts.signIns(count))).toEqual(['0 sign-ins', '1 sign-in']);
    expect(t.overview.jobWaits('Suspend User', '1')).toBe('Suspend User for 1 person waits for approval');
    expect(t.app.noGroupsText(1)).toBe('1 person holds it by an assignment of their own.');
    expect(t.newJob.fileRead('a.csv', 1)).toBe('a.csv, 1 line below the first');
  });
});
