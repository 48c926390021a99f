import { IsJsonObject, ServiceConfig } from '@seatwise/observability';
import { IsInt, IsString, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';

/** sync-service's settings. */
export class SyncConfig extends ServiceConfig {
  /** This service's private key, a JWK: credentials arrive sealed to it. */
  @IsJsonObject()
  servicePrivateKey!: object;

  /** Exact origins that may be connected to beside Okta's own, by commas: the simulator's. */
  @IsString()
  oktaAllowedOrigins: string = '';

  /** Suffixes of hosts beside Okta's own, by commas: custom domains. `*`: any public host. */
  @IsString()
  oktaAllowedHostSuffixes: string = '';

  /** Tasks in work at once in this process. */
  @IsInt()
  @Min(1)
  @Max(64)
  @Type(() => Number)
  workerConcurrency: number = 4;

  /** Tasks of one connection in work at once in this process, so that one org leaves room for the others. */
  @IsInt()
  @Min(1)
  @Max(64)
  @Type(() => Number)
  workerConcurrencyPerConnection: number = 3;

  /** Seconds without a sign of life after which a task is another worker's. */
  @IsInt()
  @Min(1)
  @Max(600)
  @Type(() => Number)
  leaseSeconds: number = 10;

  /** Seconds between two readings of the System Log. */
  @IsInt()
  @Min(1)
  @Max(3_600)
  @Type(() => Number)
  logEverySeconds: number = 60;
}
