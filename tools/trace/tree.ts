import type { JaegerSpan, JaegerTrace } from './backends.js';

/** Spans of one service and name under the same parent, taken together. */
export interface Branch {
  service: string;
  name: string;
  count: number;
  /** Microseconds from the trace's beginning: of the first beginning, and of the last end. */
  from: number;
  to: number;
  isDatabase: boolean;
  below: Branch[];
}

export const tagOf = (span: JaegerSpan, key: string): unknown => span.tags.find((tag) => tag.key === key)?.value;
export const serviceOf = (trace: JaegerTrace, span: JaegerSpan): string =>
  trace.processes[span.processID]?.serviceName ?? '';
export const parentOf = (span: JaegerSpan): string | undefined =>
  span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID;

/** Spans whose parent is not in the trace; one that is whole has one, its root. */
export function rootsOf({ spans }: JaegerTrace): JaegerSpan[] {
  const ids = new Set(spans.map(({ spanID }) => spanID));
  return spans.filter((span) => !ids.has(parentOf(span) ?? ''));
}

/** From a span up to the root. */
export function walkUp({ spans }: JaegerTrace, from: JaegerSpan | undefined): JaegerSpan[] {
  const byId = new Map(spans.map((span) => [span.spanID, span]));
  const walk: JaegerSpan[] = [];
  for (let span = from; span; span = byId.get(parentOf(span) ?? '')) walk.push(span);
  return walk;
}

/** A trace of thousands of spans in as many lines as it has kinds of steps. */
export function branchesOf(trace: JaegerTrace): Branch[] {
  const children = Map.groupBy(trace.spans, (span) => parentOf(span) ?? '');
  const began = Math.min(...trace.spans.map(({ startTime }) => startTime));
  const gather = (spans: JaegerSpan[]): Branch[] =>
    [...Map.groupBy(spans, (span) => `${serviceOf(trace, span)} ${span.operationName}`).values()]
      .map((alike) => ({
        service: serviceOf(trace, alike[0]!),
        name: nameOf(alike[0]!),
        count: alike.length,
        from: Math.min(...alike.map(({ startTime }) => startTime)) - began,
        to: Math.max(...alike.map(({ startTime, duration }) => startTime + duration)) - began,
        isDatabase: tagOf(alike[0]!, 'db.system.name') !== undefined,
        below: gather(alike.flatMap(({ spanID }) => children.get(spanID) ?? [])),
      }))
      .toSorted((a, b) => a.from - b.from);
  return gather(rootsOf(trace));
}

/** With the queue that a message was taken from, which is what one looks for. */
function nameOf(span: JaegerSpan): string {
  const group = tagOf(span, 'messaging.consumer.group.name');
  return tagOf(span, 'span.kind') === 'consumer' ? `${span.operationName} (${String(group)})` : span.operationName;
}

const seconds = (micros: number): string => `${(micros / 1e6).toFixed(2)} s`;

/** The branches as lines, the database's commands under a step in one. */
export function linesOf(branches: Branch[], depth = 0): string[] {
  return branches.flatMap((branch) => {
    const steps = branch.below.filter(({ isDatabase }) => !isDatabase);
    const commands = branch.below.filter(({ isDatabase }) => isDatabase);
    const times = branch.count > 1 ? ` ×${branch.count}` : '';
    const indent = '  '.repeat(depth);
    const line = `${seconds(branch.from).padStart(8)} ${seconds(branch.to - branch.from).padStart(8)}  ${indent}${branch.service}: ${branch.name}${times}`;
    const stored = commands.map(({ name, count }) => (count > 1 ? `${name} ×${count}` : name)).join(', ');
    return [line, ...(stored ? [`${' '.repeat(19)}${indent}  MongoDB: ${stored}`] : []), ...linesOf(steps, depth + 1)];
  });
}
