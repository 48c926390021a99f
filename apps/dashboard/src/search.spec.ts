import { describe, expect, it } from '@jest/globals';
import { day, readable, readSearch, someOf, text, writeSearch, zone } from './search';

const dayOf = (written: string) => day({ from: written }, 'from');

describe('an address that somebody typed', () => {
  it('has of what cannot be read nothing, and names it, so that nobody hands on what was typed', () => {
    const raw = readSearch('?status=NOPE&search=ada');
    const read = readable({ status: someOf(raw, 'status', ['ACTIVE'] as const), search: text(raw, 'search') });
    expect({ ...raw, ...read }).toEqual({ status: undefined, search: 'ada' });
    expect(writeSearch({ ...raw, ...read })).toBe('?search=ada');
  });

  it('tells days that there are', () => {
    expect(['2026-11-27', '2024-02-29'].map(dayOf)).toEqual(['2026-11-27', '2024-02-29']);
    expect(['rubbish', '2026-13-45', '2026-02-30', '2026-11-27T10:00', ''].map(dayOf)).toEqual(
      Array(5).fill(undefined),
    );
  });

  it('tells time zones that there are', () => {
    expect(zone({ zone: 'Asia/Tokyo' }, 'zone')).toBe('Asia/Tokyo');
    expect(zone({ zone: 'Mars/Phobos' }, 'zone')).toBeUndefined();
    expect(zone({}, 'zone')).toBeUndefined();
  });
});
