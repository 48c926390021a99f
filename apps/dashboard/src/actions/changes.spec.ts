import { describe, expect, it } from '@jest/globals';
import { changesOf, objectOf } from './changes';

describe('what an action changed', () => {
  it('is told attribute by attribute', () => {
    const before = { profile: { title: null, tags: ['a', 'b'] } };
    const after = { profile: { title: 'Team lead', tags: ['a', 'b'] } };
    expect(changesOf({ before, after })).toEqual([
      { name: 'title', before: '–', after: 'Team lead' },
      { name: 'tags', before: 'a, b', after: 'a, b' },
    ]);
  });

  it('is of a group or an app that they have it now, or no more, by its name', () => {
    const membership = {
      before: { group: 'Finance VPN', member: false },
      after: { group: 'Finance VPN', member: true },
    };
    expect(changesOf(membership)).toEqual([{ name: 'Finance VPN', before: 'Not a member', after: 'Member' }]);
    expect(objectOf(membership)).toBe('Finance VPN');
    const seat = {
      before: { app: 'Figma', assigned: true, scope: 'USER', status: 'PROVISIONED' },
      after: { app: 'Figma', assigned: false },
    };
    expect(changesOf(seat)).toEqual([
      { name: 'Figma', before: 'Assigned', after: 'Not assigned' },
      { name: 'Status', before: 'PROVISIONED', after: '–' },
      { name: 'Came by', before: 'Directly', after: '–' },
    ]);
  });

  it('is of a person their status, in words', () => {
    const change = { before: { status: 'ACTIVE' }, after: { status: 'DEPROVISIONED' } };
    expect(changesOf(change)).toEqual([{ name: 'Status', before: 'Active', after: 'Deactivated' }]);
    expect(objectOf(change)).toBeUndefined();
  });
});
