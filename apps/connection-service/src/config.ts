import { IsInt, IsOptional, IsString, Matches, Max, Min, MinLength } from 'class-validator';
import { Type } from 'class-transformer';

/** connection-service's settings: a property `mongodbUrl` is the variable MONGODB_URL. */
export class ConnectionConfig {
  @Matches(/^mongodb(\+srv)?:\/\//)
  mongodbUrl!: string;

  @Matches(/^(nats|tls):\/\//)
  natsUrl!: string;

  @IsOptional()
  @IsString()
  natsUser?: string;

  @IsOptional()
  @IsString()
  natsPassword?: string;

  @IsInt()
  @Min(0)
  @Max(65_535)
  @Type(() => Number)
  httpPort: number = 8080;

  @IsString()
  host: string = '127.0.0.1';

  /** Keys that seal credentials at rest: a JSON object, key id → 32 bytes in base64. */
  @Matches(/^\s*\{/)
  encryptionKeys!: string;

  /** The key for what is sealed from now on. */
  @MinLength(1)
  encryptionKeyId!: string;

  /** This service's private key, a JWK: what is sealed to it on the bus opens with this. */
  @Matches(/^\s*\{/)
  servicePrivateKey!: string;

  /** The public keys of the services, a JWK set: whom a credential can be handed to. */
  @Matches(/^\s*\{/)
  servicePublicKeys!: string;

  /** Exact origins that may be connected to beside Okta's own, by commas: the simulator's. */
  @IsString()
  oktaAllowedOrigins: string = '';

  /** Suffixes of hosts beside Okta's own, by commas: custom domains. `*`: any public host. */
  @IsString()
  oktaAllowedHostSuffixes: string = '';
}

export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
