import { parseSignIn } from './system-log.js';

const logged = (change: object) => ({
  uuid: 'u-1',
  published: '2026-11-23T10:00:00.000Z',
  eventType: 'user.authentication.sso',
  outcome: { result: 'SUCCESS' },
  actor: { id: '00u1', type: 'User' },
  target: [
    { id: '0ua1', type: 'AppUser' },
    { id: '0oa1', type: 'AppInstance' },
  ],
  ...change,
});
const at = Date.parse('2026-11-23T10:00:00.000Z');

describe('a sign-in in the System Log', () => {
  it('to an app is of the AppInstance among its targets', () => {
    expect(parseSignIn(logged({}))).toEqual(['u-1', at, '00u1', '0oa1']);
  });
  it('to an app that the log does not name is not attributed', () => {
    expect(parseSignIn(logged({ target: null }))).toEqual(['u-1', at, '00u1', null]);
    expect(parseSignIn(logged({ target: [{ id: 'unknown', type: 'AppInstance' }] }))).toEqual([
      'u-1',
      at,
      '00u1',
      null,
    ]);
  });
  it('to Okta itself is not a use of the app where the person was heading', () => {
    expect(parseSignIn(logged({ eventType: 'user.session.start' }))).toEqual(['u-1', at, '00u1', 'okta']);
  });
  it.each([
    { outcome: { result: 'FAILURE' } },
    { outcome: null },
    { eventType: 'user.lifecycle.create' },
    { actor: { id: 'unknown', type: 'User' } },
    { actor: { id: '0oa9', type: 'PublicClientAppEntity' } },
  ])('is none with %j', (change) => {
    expect(parseSignIn(logged(change))).toBeNull();
  });
  it.each([{ uuid: 7 }, { published: 'yesterday' }, { eventType: null }, { actor: null }])(
    'is rejected with %j',
    (change) => {
      expect(() => parseSignIn(logged(change))).toThrow(Error);
    },
  );
});
