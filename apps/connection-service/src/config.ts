import { IsJsonObject, ServiceConfig } from '@seatwise/observability';
import { IsString, MinLength } from 'class-validator';

/** connection-service's settings. */
export class ConnectionConfig extends ServiceConfig {
  /** Keys that seal credentials at rest: a JSON object, key id → 32 bytes in base64. */
  @IsJsonObject()
  encryptionKeys!: Record<string, string>;

  /** The key for what is sealed from now on. */
  @MinLength(1)
  encryptionKeyId!: string;

  /** This service's private key, a JWK: what is sealed to it on the bus opens with this. */
  @IsJsonObject()
  servicePrivateKey!: object;

  /** The public keys of the services, a JWK set: whom a credential can be handed to. */
  @IsJsonObject()
  servicePublicKeys!: { keys: object[] };

  /** Exact origins that may be connected to beside Okta's own, by commas: the simulator's. */
  @IsString()
  oktaAllowedOrigins: string = '';

  /** Suffixes of hosts beside Okta's own, by commas: custom domains. `*`: any public host. */
  @IsString()
  oktaAllowedHostSuffixes: string = '';
}
