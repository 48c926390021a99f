import { readFrom } from './read-from.js';

const connectedAt = '2026-11-23T15:20:00.000Z';
const now = Date.parse('2026-11-23T15:21:00.000Z');
const from = (newest: number, at = now) => new Date(readFrom(newest, connectedAt, at)).toISOString();

describe('a reading of the log begins', () => {
  it('with the whole day thirty days before the connection was made', () => {
    expect(from(0)).toBe('2026-10-24T00:00:00.000Z');
  });
  it('a while before the newest event, for some come late', () => {
    expect(from(Date.parse('2026-11-23T15:00:00.000Z'))).toBe('2026-11-23T13:00:00.000Z');
  });
  it('never before what Okta still has, however long ago the connection was made or read last', () => {
    const later = Date.parse('2027-06-01T00:00:00.000Z');
    expect(from(0, later)).toBe('2027-03-03T00:00:00.000Z');
    expect(from(now, later)).toBe('2027-03-03T00:00:00.000Z');
  });
});
