import { GatewayConfig } from '../config.js';
import { InFlight } from './in-flight.js';

const doorFor = (maxInFlight: number) => new InFlight(Object.assign(new GatewayConfig(), { maxInFlight }));
const fill = (door: InFlight, workspace: string, isLong = false) => {
  const leave: (() => void)[] = [];
  try {
    for (;;) leave.push(door.enter(workspace, isLong));
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
    expect(fill(door, 'a', true)).toHaveLength(10);
    expect(() => door.enter('a', false)).not.toThrow();
    expect(() => door.enter('b', true)).not.toThrow();
  });

  it('are counted off again', () => {
    const door = doorFor(40);
    for (const leave of fill(door, 'a')) leave();
    expect(fill(door, 'a')).toHaveLength(10);
  });
});
