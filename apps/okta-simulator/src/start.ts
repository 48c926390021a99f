import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Bodies } from './api/bodies.js';
import { act } from './control/act.js';
import { Clock } from './clock.js';
import { ControlDoor } from './control/control.js';
import { settings } from './control/settings.js';
import { summaryOf, truths } from './control/truth.js';
import { Cursors } from './http/cursors.js';
import { Door } from './http/door.js';
import { Faults, type Fault } from './http/faults.js';
import { Ledger, type LedgerChange, type LedgerRequest } from './http/ledger.js';
import { Limits } from './http/limits.js';
import { Tokens } from './http/tokens.js';
import { Changes } from './log/changes.js';
import { SystemLog } from './log/system-log.js';
import { completed, type GivenOptions } from './options.js';
import { Org } from './org/org.js';
import type { Simulation } from './simulation.js';

/** The control door without HTTP, for a test in the same process. */
export interface SimulatorControl {
  /** What is so in the org, by name: people, groups, memberships, apps, assignments, group-assignments, usage. */
  truth: (name: string, query?: Record<string, string>) => Iterable<object>;
  summary: (query?: Record<string, string>) => object;
  setFaults: (faults: readonly Fault[]) => void;
  /** Any other control call: `call('PUT clock', { advanceMs: 1000 })`. */
  call: (name: string, body?: unknown, query?: Record<string, string>) => unknown;
  requests: (after?: number, limit?: number) => LedgerRequest[];
  changes: (after?: number, limit?: number) => LedgerChange[];
  ledger: () => ReturnType<Ledger['summary']>;
}

export interface RunningSimulator {
  url: string;
  control: SimulatorControl;
  close: () => Promise<void>;
}

/** Starts an org that listens on its own port. Throws an OptionError, or Node's error when the port is taken. */
export async function startSimulator(given: GivenOptions = {}): Promise<RunningSimulator> {
  const simulation = makeSimulation(given);
  const door = new Door(simulation);
  const controlDoor = new ControlDoor(simulation);
  const server = createServer({ keepAliveTimeout: 60_000 }, (incoming, response) => {
    const handled = incoming.url?.startsWith('/control/')
      ? controlDoor.handle(incoming, response)
      : door.handle(incoming, response);
    handled.catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  warmUp(simulation);
  const { port, host } = simulation.options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  simulation.bodies.origin = url;
  return {
    url,
    control: controlOf(simulation),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const signIns = 'eventType eq "user.session.start" or eventType eq "user.authentication.sso"';
const firstPages = [
  '/api/v1/users',
  '/api/v1/users?filter=status eq "DEPROVISIONED"',
  '/api/v1/users?search=profile.lastName eq "Silva"',
  '/api/v1/groups?limit=200',
  '/api/v1/apps?limit=200',
  '/api/v1/logs?limit=1000&sortOrder=DESCENDING',
  '/api/v1/logs?limit=1000',
  `/api/v1/logs?limit=1000&filter=${signIns}`,
];

/** Writes a little of everything, so that the first page comes as fast as the second. */
function warmUp(simulation: Simulation): void {
  const { org, log, bodies, clock } = simulation;
  const people = Math.min(400, org.people.count);
  for (let n = 0; n < people; n += 1) bodies.user(org.people.person(n, clock.now()));
  // What takes long among many people is asked for once: the first to ask would wait for its code to be compiled.
  if (org.people.count >= 50_000) for (const path of firstPages) act(simulation, { method: 'GET', path });
  let left = 800;
  const start = SystemLog.positionOf(clock.now() - 30 * 86_400_000);
  log.read(start, clock.now(), (entry) => {
    entry.letters();
    left -= 1;
    return left > 0;
  });
}

function makeSimulation(given: GivenOptions): Simulation {
  const options = completed(given);
  const clock = new Clock(options.now, options.frozen, options.timeScale);
  const org = new Org(options, () => clock.now());
  const log = new SystemLog(org, options.signInsPerPerson30d, options.pipeline === 'v1');
  const ledger = new Ledger(options.ledgerSize);
  return {
    options,
    clock,
    org,
    log,
    ledger,
    changes: new Changes(org, log, ledger, clock),
    bodies: new Bodies(org, 'http://127.0.0.1', options.unknowns),
    limits: new Limits(options.limits, options.windowSeconds),
    tokens: new Tokens(options.tokens, () => clock.now()),
    faults: new Faults(options.seed, options.faults),
    cursors: new Cursors(),
  };
}

function controlOf(simulation: Simulation): SimulatorControl {
  return {
    truth: (name, query) => {
      const truth = truths[name];
      if (!truth) throw new RangeError(`There is no truth about ${name}.`);
      return truth(simulation, new URLSearchParams(query));
    },
    summary: (query) => summaryOf(simulation, new URLSearchParams(query)),
    setFaults: (faults) => simulation.faults.set(faults),
    call: (name, body = {}, query = {}) => {
      const control = settings[name];
      if (!control) throw new RangeError(`There is no control call ${name}.`);
      return control(simulation, body, new URLSearchParams(query));
    },
    requests: (after = 0, limit = 1_000) => simulation.ledger.requestsAfter(after, limit),
    changes: (after = 0, limit = 1_000) => simulation.ledger.changesAfter(after, limit),
    ledger: () => simulation.ledger.summary(),
  };
}
