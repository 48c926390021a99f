import type { StageKind } from '@seatwise/contracts';
import { nothingCounted, type Task } from '../tasks/task.js';
import type { KindTally } from '../tasks/tasks.repository.js';
import { stagesOf } from './run.js';

const at = new Date('2026-11-24T10:00:00.000Z');
const tally = (_id: StageKind, ...states: Task['state'][]): KindTally => ({
  _id,
  tasks: states.length,
  tasksDone: 0,
  states,
  startedAt: states.includes('running') || states.includes('done') ? at : null,
  endedAt: states.includes('done') ? at : null,
  ...nothingCounted(),
});
const stateOf = (hasEnded: boolean, kind: StageKind, ...states: Task['state'][]) => {
  const stage = stagesOf(states.length > 0 ? [tally(kind, ...states)] : [], hasEnded).find(
    (each) => each.kind === kind,
  );
  return [stage?.state, stage?.endedAt];
};

describe('a stage of a run', () => {
  it.each<[StageKind, Task['state'][], string, string]>([
    ['people', [], 'waiting', 'skipped'],
    ['people', ['queued'], 'waiting', 'skipped'],
    ['people', ['running'], 'running', 'skipped'],
    ['assignments', ['done', 'queued'], 'running', 'done'],
    ['assignments', ['done', 'skipped'], 'done', 'done'],
    ['assignments', ['done', 'failed'], 'failed', 'failed'],
    ['assignments', ['skipped'], 'skipped', 'skipped'],
    ['sweep', ['parked'], 'waiting', 'skipped'],
    ['sign_ins', ['running'], 'running', 'continues'],
    ['sign_ins', ['done'], 'done', 'done'],
  ])('%s of tasks that are %j is %s, and %s when the run has ended', (kind, states, going, ended) => {
    expect([stateOf(false, kind, ...states)[0], stateOf(true, kind, ...states)[0]]).toEqual([going, ended]);
  });

  it('has no end while it goes on', () => {
    expect(stateOf(false, 'assignments', 'done', 'running')).toEqual(['running', null]);
    expect(stateOf(true, 'sign_ins', 'done', 'running')).toEqual(['continues', null]);
    expect(stateOf(true, 'assignments', 'done', 'running')).toEqual(['done', at.toISOString()]);
  });
});
