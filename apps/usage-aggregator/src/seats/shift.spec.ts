import { Shift } from './shift.js';

const home = { workspace: 'ws', connection: 'con' };
const day = 86_400_000;
const at = Date.UTC(2026, 10, 22, 12);
const changesOf = (shift: Shift) =>
  shift.changes().map(({ home: { connection }, app, fields }) => [connection, app, Object.fromEntries(fields)]);

describe('a shift of counts', () => {
  it('counts a licensed seat under the day of its last sign-in, and any other among the held alone', () => {
    const shift = new Shift();
    shift.move(home, 'mail', undefined, { licensed: true, last: at });
    shift.move(home, 'mail', undefined, { licensed: true, last: null });
    shift.move(home, 'mail', undefined, { licensed: false, last: at });
    expect(changesOf(shift)).toEqual([['con', 'mail', { held: 3, 'lastOn.20261122': 1, 'lastOn.never': 1 }]]);
  });

  it('moves a seat that was used again, and says nothing of one whose day stays', () => {
    const shift = new Shift();
    shift.move(home, 'mail', { licensed: true, last: at - day }, { licensed: true, last: at });
    shift.move(home, 'wiki', { licensed: true, last: at }, { licensed: true, last: at + 1 });
    expect(changesOf(shift)).toEqual([['con', 'mail', { 'lastOn.20261121': -1, 'lastOn.20261122': 1 }]]);
  });

  it('takes a seat away that is nobody’s any more', () => {
    const shift = new Shift();
    shift.move(home, 'okta', { licensed: true, last: null, status: 'ACTIVE' }, undefined);
    expect(changesOf(shift)).toEqual([['con', 'okta', { held: -1, 'statuses.ACTIVE': -1, 'lastOn.never': -1 }]]);
  });

  it('keeps connections apart', () => {
    const shift = new Shift();
    for (const connection of ['con', 'other'])
      shift.move({ ...home, connection }, 'mail', undefined, { licensed: false, last: null });
    expect(changesOf(shift)).toEqual([
      ['con', 'mail', { held: 1 }],
      ['other', 'mail', { held: 1 }],
    ]);
  });
});
