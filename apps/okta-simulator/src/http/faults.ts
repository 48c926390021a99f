import { errorTable, type ErrorCode } from './error-table.js';
import { chance } from '../random.js';

/** What can go wrong, each switched on for some requests. */
export const faultKinds = [
  'latency',
  'storm429',
  'concurrency429',
  'error500',
  'error503',
  'readOnly',
  'refusal',
  'reset',
  'resetMidBody',
  'hang',
  'truncated',
  'malformed',
  'wrongTyped',
  'wrongTypedItem',
  'html',
  'huge',
  'duplicateItems',
  'shuffledItems',
  'foreignLink',
  'loopingLink',
  'missingLink',
  'lostLinks',
  'emptyList',
  'shortPage',
  'didItThenHungUp',
  'deletePeople',
  'revokeToken',
  'logLag',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A fault: for requests that fit, with a probability, and for so many times. */
export interface Fault {
  kind: FaultKind;
  /** A part of the path and query, or nothing for every request. */
  path?: string;
  method?: string;
  /** 0 to 1; 1 when left out. */
  probability?: number;
  /** Requests that fit and are let through before it begins. */
  after?: number;
  /** Times that it acts; for ever when left out. */
  times?: number;
  /** For latency, 500 when left out; for logLag, how late events show, 600,000 when left out. */
  milliseconds?: number;
  /** For refusal: the code of Okta's that it is refused with, E0000100 when left out. */
  code?: ErrorCode;
  /** For deletePeople: how many, 5 when left out. For shortPage: items at most, 1. For huge: bytes, 64 MiB. */
  amount?: number;
}

/** A fault was described in a way that none has. */
export class FaultError extends Error {}

interface Armed extends Fault {
  seen: number;
  acted: number;
}

/** The faults that are switched on. Which requests they strike depends on the seed and on the requests alone. */
export class Faults {
  private armed: Armed[] = [];
  private draws = 0;

  constructor(
    private readonly seed: number,
    faults: readonly Fault[],
  ) {
    this.set(faults);
  }

  /** Replaces what was switched on. Throws a FaultError that names what is wrong. */
  set(faults: unknown): void {
    if (!Array.isArray(faults)) throw new FaultError('faults must be a list');
    for (const fault of faults as Fault[])
      if (!faultKinds.includes(fault?.kind)) throw new FaultError(`kind must be one of ${faultKinds.join(', ')}`);
    for (const { kind, code } of faults as Fault[])
      if (kind === 'refusal' && code !== undefined && !(code in errorTable))
        throw new FaultError('code must be one of Okta');
    this.armed = (faults as Fault[]).map((fault) => ({ ...fault, seen: 0, acted: 0 }));
  }

  /** With how many requests each has seen and how often it acted. */
  list(): Armed[] {
    return this.armed;
  }

  /** The faults that strike this request. */
  strike(method: string, path: string): Map<FaultKind, Fault> {
    const struck = new Map<FaultKind, Fault>();
    for (const fault of this.armed) {
      if (fault.path && !path.includes(fault.path)) continue;
      if (fault.method && fault.method !== method) continue;
      fault.seen += 1;
      if (fault.seen <= (fault.after ?? 0) || fault.acted >= (fault.times ?? Number.POSITIVE_INFINITY)) continue;
      this.draws += 1;
      if (chance(this.seed, 90, this.draws) >= (fault.probability ?? 1)) continue;
      fault.acted += 1;
      struck.set(fault.kind, fault);
    }
    return struck;
  }
}
