export {
  ConfigError,
  DatabaseConfig,
  IsJsonObject,
  IsSwitch,
  listOf,
  loadConfig,
  NatsConfig,
  ServiceConfig,
} from './config.js';
export { Draining, HEALTH_CHECKS, HealthModule, type HealthCheck } from './health.js';
export { createLogger } from './logging.js';
export { counter, gauge, histogram, MetricsModule } from './metrics.js';
export { exposition } from './registry.js';
export { logging, main, runService, type ServiceOptions } from './run-service.js';
export { currentTraceId, inSpan, startTelemetry, stopTelemetry, tracingWanted, type SpanChoices } from './telemetry.js';
export { views } from './views.js';
