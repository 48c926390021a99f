import type { JaegerSpan, JaegerTrace } from './backends.js';
import { pictureOf } from './picture.js';
import { branchesOf, linesOf, rootsOf, walkUp } from './tree.js';

const span = (
  spanID: string,
  parent: string | null,
  operationName: string,
  [startTime, duration]: [number, number],
  tags: Record<string, unknown> = {},
  processID = 'sync',
): JaegerSpan => ({
  spanID,
  operationName,
  references: parent ? [{ refType: 'CHILD_OF', spanID: parent }] : [],
  startTime,
  duration,
  tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  processID,
});

const consumer = { 'span.kind': 'consumer', 'messaging.consumer.group.name': 'sync-workers' };
const trace: JaegerTrace = {
  traceID: 'a',
  processes: { door: { serviceName: 'gateway' }, sync: { serviceName: 'sync-service' } },
  spans: [
    span('3', '1', 'process tasks', [1_500_000, 2_000_000], consumer),
    span('1', null, 'POST /<runs>', [1_000_000, 1_000_000], {}, 'door'),
    span('2', '1', 'process tasks', [1_250_000, 500_000], consumer),
    span('4', '2', 'find runs', [1_300_000, 10_000], { 'db.system.name': 'mongodb' }),
    span('5', '3', 'find runs', [1_600_000, 10_000], { 'db.system.name': 'mongodb' }),
  ],
};

describe('a trace from Jaeger', () => {
  it('is told in a line for each kind of step, with the commands under it in one', () => {
    expect(linesOf(branchesOf(trace))).toEqual([
      '  0.00 s   1.00 s  gateway: POST /<runs>',
      '  0.25 s   2.25 s    sync-service: process tasks (sync-workers) ×2',
      '                       MongoDB: find runs ×2',
    ]);
  });

  it('has one root when it is whole, and more where a span’s parent is missing', () => {
    expect(rootsOf(trace).map(({ spanID }) => spanID)).toEqual(['1']);
    const torn = { ...trace, spans: trace.spans.filter(({ spanID }) => spanID !== '3') };
    expect(rootsOf(torn).map(({ spanID }) => spanID)).toEqual(['1', '5']);
    expect(walkUp(trace, trace.spans[3]).map(({ spanID }) => spanID)).toEqual(['4', '2', '1']);
  });

  it('is a picture of all its steps, in which a name is no markup', () => {
    const picture = pictureOf(branchesOf(trace), 'One sync');
    expect(picture).toContain('<title>One sync</title>');
    expect(picture).toContain('>POST /&lt;runs&gt;</text>');
    expect(picture).toContain('>process tasks (sync-workers) ×2 · 2 to MongoDB</text>');
  });
});
