import { ServiceConfig } from '@seatwise/observability';

/** action-service's settings. */
export class ActionConfig extends ServiceConfig {}
