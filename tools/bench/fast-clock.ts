import { createRequire, syncBuiltinESMExports } from 'node:module';
import { dirname, join } from 'node:path';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * To be preloaded (`node --import`): lets time run so many times as fast in this process, from a moment on that all
 * processes share, so that one which is started anew agrees with the others. What the process asks of NATS and MongoDB by
 * the clock it asks in this time too: they keep the real one. Left as they are: the time-outs of Node.js's own HTTP server and
 * sockets, which by this clock are longer then.
 */
const [scale, since] = (process.env.FAST_CLOCK ?? '').split('@').map(Number) as [number, number];
if (!(scale >= 1 && since > 0)) throw new Error('FAST_CLOCK is to be {scale}@{epoch milliseconds}');

const RealDate = Date;
const realNow = Date.now;
const now = () => Math.floor(since + (realNow() - since) * scale);
/** A timer never fires early. */
const real = (milliseconds = 1) => Math.ceil(milliseconds / scale);

RealDate.now = now;
globalThis.Date = new Proxy(RealDate, {
  construct: (Target, given, NewTarget) =>
    Reflect.construct(Target, given.length === 0 ? [now()] : given, NewTarget) as object,
  apply: () => new RealDate(now()).toString(),
});
RealDate.prototype.constructor = globalThis.Date;

const realElapsed = performance.now.bind(performance);
performance.now = () => realElapsed() * scale;
const realBigint = process.hrtime.bigint.bind(process);
const elapsed = () => BigInt(Math.round(Number(realBigint()) * scale));
process.hrtime = Object.assign(
  (before?: [number, number]): [number, number] => {
    const nanoseconds = elapsed() - (before ? BigInt(before[0]) * 1_000_000_000n + BigInt(before[1]) : 0n);
    return [Number(nanoseconds / 1_000_000_000n), Number(nanoseconds % 1_000_000_000n)];
  },
  { bigint: elapsed },
);

type Begin = (callback: () => void, milliseconds?: number, ...given: unknown[]) => NodeJS.Timeout;
const faster =
  (begin: Begin): Begin =>
  (callback, milliseconds, ...given) =>
    begin(callback, real(milliseconds), ...given);
const { setTimeout: sleep, setInterval: ticks, scheduler } = timersPromises;
const wait = scheduler.wait.bind(scheduler);
timersPromises.setTimeout = (milliseconds, ...given) => sleep(real(milliseconds), ...given);
timersPromises.setInterval = (milliseconds, ...given) => ticks(real(milliseconds), ...given);
scheduler.wait = (milliseconds, ...given) => wait(real(milliseconds), ...given);
const fastTimeout = Object.assign(faster(setTimeout), { [promisify.custom]: timersPromises.setTimeout });
const fastInterval = faster(setInterval);
Object.assign(timers, { setTimeout: fastTimeout, setInterval: fastInterval });
Object.assign(globalThis, { setTimeout: fastTimeout, setInterval: fastInterval });
const timeout = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (milliseconds) => timeout(real(milliseconds));
syncBuiltinESMExports();

const require = createRequire(import.meta.url);

// What is told to NATS in nanoseconds: delays, waits for acknowledgements, heartbeats.
const nats = createRequire(require.resolve('@seatwise/messaging'));
const natsUtil = require(join(dirname(nats.resolve('@nats-io/nats-core')), 'util.js')) as {
  nanos: (milliseconds: number) => number;
};
const { nanos } = natsUtil;
natsUtil.nanos = (milliseconds) => Math.round(nanos(milliseconds) / scale);

// What MongoDB would write by its own clock it is told by ours, and how long it may be silent.
type Command = Record<string, unknown>;
type Send = (namespace: unknown, command: Command, ...given: unknown[]) => AsyncGenerator;
const driver = createRequire(require.resolve('mongoose'));
const { Connection } = driver('mongodb/lib/cmap/connection.js') as { Connection: { prototype: { sendCommand: Send } } };
const send = Connection.prototype.sendCommand;
const timed = new Set(['update', 'findAndModify', 'find', 'aggregate', 'count']);
Connection.prototype.sendCommand = function (namespace, command, ...given) {
  let asked = timed.has(Object.keys(command)[0] ?? '') ? (withOurTime(command) as Command) : command;
  if (typeof asked.maxAwaitTimeMS === 'number') asked = { ...asked, maxAwaitTimeMS: real(asked.maxAwaitTimeMS) };
  return send.call(this, namespace, asked, ...given);
};

function withOurTime(part: unknown): unknown {
  if (part === '$$NOW') return new Date();
  if (Array.isArray(part)) return part.map(withOurTime);
  // Whatever is of a class, an id or a session, holds no expression.
  if (part === null || typeof part !== 'object' || Object.getPrototypeOf(part) !== Object.prototype) return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, withOurTime(value)]));
}
