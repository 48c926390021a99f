import { IsJsonObject, IsSwitch, ServiceConfig } from '@seatwise/observability';
import { IsInt, IsOptional, IsString, Max, Min, MinLength, ValidateIf } from 'class-validator';
import { Type } from 'class-transformer';
import { AreProviders, type ProviderSettings } from './sign-in/provider-settings.js';

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

  /** Requests per minute that one API key, or person, may make. */
  @Count()
  throttlePerMinute: number = 600;

  /** Requests per minute from one address, with or without a key. */
  @Count()
  throttleAddressPerMinute: number = 1_200;

  /** Requests in work at once; more are refused at once with 503. */
  @Count()
  maxInFlight: number = 400;

  /** Open progress streams: of one key or person, and of all together. */
  @Count()
  streamsPerKey: number = 10;

  @Count()
  streamsInAll: number = 1_000;

  /** The proxies whose X-Forwarded-For is believed (Express's `trust proxy`): addresses or networks. None by default. */
  @IsOptional()
  @IsString()
  trustedProxies?: string;

  /** Minutes without a request after which a session of a person ends, and hours after which it ends in any case. */
  @Count()
  sessionIdleMinutes: number = 120;

  @Count()
  sessionHours: number = 12;

  /** Whether cookies go over https alone. When left out, they do where PUBLIC_URL, or the request, is https. */
  @IsOptional()
  @IsSwitch()
  secureCookies?: boolean;

  /** Wrong passwords for one e-mail address, after which nobody can try for `signInLockMinutes`; ten times as many from one address. */
  @Count()
  signInTries: number = 10;

  @Count()
  signInLockMinutes: number = 15;

  /** Whether people may sign in with a password. */
  @IsSwitch()
  passwordSignIn: boolean = true;

  /** Providers of OpenID Connect. They lead people back to PUBLIC_URL, so that must be set. */
  @AreProviders()
  oidcProviders: ProviderSettings[] = [];

  /** For tests: a provider on this machine need not have https. */
  @IsSwitch()
  oidcAllowHttpOnLoopback: boolean = false;
}

// The providers lead people back to it, so with them PUBLIC_URL must be there.
ValidateIf(({ publicUrl, oidcProviders }: GatewayConfig) => publicUrl !== undefined || oidcProviders?.length > 0)(
  GatewayConfig.prototype,
  'publicUrl',
);
