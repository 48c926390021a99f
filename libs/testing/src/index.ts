export { UnfitServerError } from './addresses.js';
export { fetchedOnce, fromDebian, fromGo, fromWheel, NotFetchedError, type Source } from './fetched.js';
export { testFolder } from './folder.js';
export { startMongod, type MongodOptions, type MongodServer } from './mongod.js';
export { startNats, type NatsServer, type NatsServerOptions } from './nats.js';
export { freePort } from './ports.js';
export { NotReadyError, startProcess, untilReady, type RunningProcess } from './process.js';
export { resolveMongod, resolveNatsServer } from './resolve.js';
export {
  nodeFlags,
  spawnService,
  spawnSimulator,
  type RunningService,
  type ServiceOptions,
  type SimulatorOptions,
} from './service.js';
export { startScripted, type Asked, type Said, type Scripted } from './scripted.js';
export { root, silent, type Found, type Say } from './settings.js';
export {
  freshDatabase,
  natsEnvironment,
  newNatsPassword,
  newNatsPasswords,
  startTestServers,
  testServers,
  type TestServers,
  usersOf,
} from './test-servers.js';
export { spanKind, startTraceSink, type SinkSpan, type TraceSink } from './trace-sink.js';
