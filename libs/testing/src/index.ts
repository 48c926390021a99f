export { startMongod, type MongodServer } from './mongod.js';
export { startNats, type NatsServer } from './nats.js';
export { freePort } from './ports.js';
export { startProcess, untilReady, type RunningProcess } from './process.js';
export { resolveMongod, resolveNatsServer } from './resolve.js';
export { spawnService, spawnSimulator, type RunningService } from './service.js';
export { root, silent, type Found, type Say } from './settings.js';
export { freshDatabase, startTestServers, testFolder, testServers, type TestServers } from './test-servers.js';
export { startTraceSink, type SinkSpan } from './trace-sink.js';
