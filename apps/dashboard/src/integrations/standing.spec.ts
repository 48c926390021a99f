import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../domain';
import { standingOf } from './standing';

const connection = {
  checks: [],
  health: 'healthy',
  removedAt: null,
  paused: false,
} as Partial<Connection> as Connection;

describe('the standing of an org', () => {
  it('is not said to be never synced while its runs are not known', () => {
    expect(standingOf(connection, null).title).toBe('Not synced yet');
    expect(standingOf(connection, undefined, true)).toMatchObject({ tone: 'info', title: 'Loading' });
    expect(standingOf(connection, undefined)).toEqual({
      tone: 'plain',
      title: 'Its sync runs are not loaded',
      reasons: [],
    });
  });
});
