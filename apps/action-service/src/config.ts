import { IsJsonObject, IsSwitch, ServiceConfig } from '@seatwise/observability';
import { actionNames } from '@seatwise/contracts';
import { IsInt, IsString, Matches, Max, Min, MinLength } from 'class-validator';
import { Type } from 'class-transformer';

const name = `(${actionNames.join('|')})`;
// A name that is written wrong would wait for nobody's approval.
const namesOfActions = new RegExp(`^(${name}(,${name})*)?$`);

/** action-service's settings. */
export class ActionConfig extends ServiceConfig {
  /** This service's private key, a JWK: credentials and secret parameters arrive sealed to it. */
  @IsJsonObject()
  servicePrivateKey!: { d?: string };

  /** Keys that seal the secrets of webhooks at rest: a JSON object, key id → 32 bytes in base64. */
  @IsJsonObject()
  encryptionKeys!: Record<string, string>;

  /** The key for what is sealed from now on. */
  @MinLength(1)
  encryptionKeyId!: string;

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

  /** A bulk job for more people than this waits until another API key approves it. */
  @IsInt()
  @Min(0)
  @Max(100_000)
  @Type(() => Number)
  bulkApprovalSize: number = 1_000;

  /** Actions, by commas, that wait for approval in bulk however few the people. */
  @Matches(namesOfActions)
  bulkApprovalActions: string = 'deactivate_user';

  /** Actions of one bulk job that are in work at once, in all processes together. */
  @IsInt()
  @Min(1)
  @Max(100)
  @Type(() => Number)
  bulkInFlight: number = 12;

  /** Ports of webhooks' receivers, by commas. */
  @Matches(/^\d{1,5}(,\d{1,5})*$/)
  webhookPorts: string = '443';

  /** For development and tests: a receiver on this machine need not have https. */
  @IsSwitch()
  webhookAllowHttpOnLoopback: boolean = false;

  /** Within so many seconds a receiver must have answered. */
  @IsInt()
  @Min(1)
  @Max(20)
  @Type(() => Number)
  webhookTimeoutSeconds: number = 15;

  /** What is not taken is tried again after at most so many seconds each time, by commas, and then given up. */
  @Matches(/^\d{1,6}(,\d{1,6})*$/)
  webhookRetrySeconds: string = '5,300,1800,7200,18000,36000,50400,72000,86400';
}
