import type { Bodies } from './api/bodies.js';
import type { Clock } from './clock.js';
import type { Changes } from './log/changes.js';
import type { SystemLog } from './log/system-log.js';
import type { Cursors } from './http/cursors.js';
import type { Faults } from './http/faults.js';
import type { Ledger } from './http/ledger.js';
import type { Limits } from './http/limits.js';
import type { ApiToken, Tokens } from './http/tokens.js';
import type { SimulatorOptions } from './options.js';
import type { Org } from './org/org.js';

/** Everything there is of a running org. */
export interface Simulation {
  options: SimulatorOptions;
  clock: Clock;
  org: Org;
  log: SystemLog;
  changes: Changes;
  bodies: Bodies;
  ledger: Ledger;
  limits: Limits;
  tokens: Tokens;
  faults: Faults;
  cursors: Cursors;
}

/** A request that is allowed. */
export interface ApiRequest {
  number: number;
  id: string;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: NodeJS.Dict<string | string[]>;
  /** The JSON body; undefined when there was none. */
  body: unknown;
  token: ApiToken;
  /** How many items a page may have, whatever was asked for. */
  mostItems: number;
  /** How much later than usual events of the log show, milliseconds. */
  logLag: number;
}

export interface ApiAnswer {
  status: number;
  /** JSON, as text or as the bytes of it. */
  body?: string | Buffer;
  /** Lines of `Link` headers. */
  links?: string[];
  headers?: Record<string, string>;
}

/** Answers a call; `ids` are the parts of the path that stand for something. */
export type Handler = (simulation: Simulation, request: ApiRequest, ...ids: string[]) => ApiAnswer;
