import { event, eventSubject, liveSubject, newId } from '@seatwise/contracts';
import { destinationOf } from './destination.js';

it('a destination has a template that leaves out whose it is', () => {
  class Nothing {}
  const changed = event('person.changed', 1, Nothing);
  const [workspace, connection] = [newId('ws'), newId('con')];
  const templates = [
    eventSubject(changed, workspace),
    liveSubject(changed, workspace),
    `sync.tasks.${workspace}.${connection}`,
    'seatwise.rpc.outbox.sync-service.republish',
    'dead.EVENTS.usage-directory',
  ].map((subject) => destinationOf(subject).template);
  expect(templates).toEqual([
    'seatwise.v1.{workspace}.person.changed',
    'seatwise.live.{workspace}.person.changed',
    'sync.tasks.{workspace}.{connection}',
    undefined,
    undefined,
  ]);
});
