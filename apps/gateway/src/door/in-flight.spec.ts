import { GatewayConfig } from '../config.js';
import { InFlight, type Kind } from './in-flight.js';

const doorFor = (maxInFlight: number) => new InFlight(Object.assign(new GatewayConfig(), { maxInFlight }));
const fill = (door: InFlight, workspace: string, kind: Kind = 'quick') => {
  const leave: (() => void)[] = [];
  try {
    for (;;) leave.push(door.enter(workspace, kind));
  } catch {
    return leave;
  }
};

describe('requests in work', () => {
  it('of one workspace leave room for the others', () => {
    const door = doorFor(40);
    expect(['a', 'b', 'c', 'd', 'e'].map((workspace) => fill(door, workspace).length)).toEqual([10, 10, 10, 10, 0]);
  });

  it('that wait for Okta leave room for the quick ones', () => {
    const door = doorFor(400);
    expect(fill(door, 'a', 'long')).toHaveLength(10);
    expect(() => door.enter('a', 'quick')).not.toThrow();
    expect(() => door.enter('b', 'long')).not.toThrow();
  });

  it("that wait for an action's end leave room for all others", () => {
    const door = doorFor(400);
    expect(fill(door, 'a', 'waiting')).toHaveLength(100);
    expect(() => door.enter('a', 'quick')).not.toThrow();
    expect(() => door.enter('a', 'long')).not.toThrow();
  });

  it('are counted off again', () => {
    const door = doorFor(40);
    for (const leave of fill(door, 'a')) leave();
    expect(fill(door, 'a')).toHaveLength(10);
  });
});
