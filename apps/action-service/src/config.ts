import { IsJsonObject, ServiceConfig } from '@seatwise/observability';
import { IsInt, IsString, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';

/** action-service's settings. */
export class ActionConfig extends ServiceConfig {
  /** This service's private key, a JWK: credentials and secret parameters arrive sealed to it. */
  @IsJsonObject()
  servicePrivateKey!: { d?: string };

  /** Exact origins that may be connected to beside Okta's own, by commas: the simulator's. */
  @IsString()
  oktaAllowedOrigins: string = '';

  /** Suffixes of hosts beside Okta's own, by commas: custom domains. `*`: any public host. */
  @IsString()
  oktaAllowedHostSuffixes: string = '';

  /** Seconds without a sign of life after which an action is another worker's. */
  @IsInt()
  @Min(1)
  @Max(600)
  @Type(() => Number)
  leaseSeconds: number = 15;
}
