import { IsJsonObject, ServiceConfig } from '@seatwise/observability';
import { IsInt, IsOptional, IsString, IsUrl, Max, Min, MinLength } from 'class-validator';
import { Type } from 'class-transformer';

const Count = (): PropertyDecorator => (target, property) => {
  IsInt()(target, property);
  Min(1)(target, property);
  Max(10_000_000)(target, property);
  Type(() => Number)(target, property);
};

/** The gateway's settings. */
export class GatewayConfig extends ServiceConfig {
  /** The operator's own: opens the first workspace and further ones. */
  @MinLength(32)
  bootstrapToken!: string;

  /** The public keys of the services, a JWK set: an Okta token is sealed to connection-service with its key. */
  @IsJsonObject()
  servicePublicKeys!: { keys: object[] };

  /** Requests per minute that one API key may make. */
  @Count()
  throttlePerMinute: number = 600;

  /** Requests per minute from one address, with or without a key. */
  @Count()
  throttleAddressPerMinute: number = 1_200;

  /** Requests in work at once; more are refused at once with 503. */
  @Count()
  maxInFlight: number = 400;

  /** Open progress streams: of one key, and of all together. */
  @Count()
  streamsPerKey: number = 10;

  @Count()
  streamsInAll: number = 1_000;

  /** Where the API is reached from outside, without a slash at the end; named in problems and in the OpenAPI document. */
  @IsOptional()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  publicUrl?: string;

  /** The proxies whose X-Forwarded-For is believed (Express's `trust proxy`): addresses or networks. None by default. */
  @IsOptional()
  @IsString()
  trustedProxies?: string;
}
