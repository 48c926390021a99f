import { isSameActor, type ActorDto } from './actions.js';

const actor = (key: string | null, owner?: string): ActorDto => ({
  key,
  role: 'admin',
  ...(owner !== undefined && { person: { id: owner, email: 'a@acme.example' } }),
});

describe('the same actor', () => {
  it.each<[string, ActorDto, ActorDto, boolean]>([
    ['a key and itself', actor('k1'), actor('k1'), true],
    ['two keys of nobody', actor('k1'), actor('k2'), false],
    ['a person and themselves', actor(null, 'u1'), actor(null, 'u1'), true],
    ['two people', actor(null, 'u1'), actor(null, 'u2'), false],
    ['a person and a key that they issued', actor(null, 'u1'), actor('k1', 'u1'), true],
    ['two keys of one person', actor('k1', 'u1'), actor('k2', 'u1'), true],
    ['keys of two people', actor('k1', 'u1'), actor('k2', 'u2'), false],
    ['a person and a key of nobody', actor(null, 'u1'), actor('k1'), false],
    ['a key from before it had an owner and now', actor('k1'), actor('k1', 'u1'), true],
  ])('%s', (_which, one, other, same) => {
    expect(isSameActor(one, other)).toBe(same);
    expect(isSameActor(other, one)).toBe(same);
  });
});
