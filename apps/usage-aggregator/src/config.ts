import { ServiceConfig } from '@seatwise/observability';

/** The settings of usage-aggregator. */
export class UsageConfig extends ServiceConfig {}
