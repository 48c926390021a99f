export { startSimulator, type RunningSimulator, type SimulatorControl } from './start.js';
export {
  defaults,
  OptionError,
  type GivenOptions,
  type SimulatorOptions,
  type TokenOptions,
  type Unknowns,
} from './options.js';
export { faultKinds, type Fault, type FaultKind } from './http/faults.js';
export type { ErrorCode } from './http/error-table.js';
export { allPermissions } from './http/tokens.js';
export type { LedgerChange, LedgerRequest } from './http/ledger.js';
