import 'reflect-metadata';
import { accessSync, constants, statSync } from 'node:fs';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  Min,
  ValidateBy,
  validateSync,
} from 'class-validator';
import { logLevels } from './logging.js';

/** What a command needs that works on a service's database alone. A property `mongodbUrl` is the variable MONGODB_URL. */
export class DatabaseConfig {
  /** A replica set. */
  @Matches(/^mongodb(\+srv)?:\/\//)
  mongodbUrl!: string;
}

/** A setting that names a file which can be read now. */
const IsFile = () =>
  ValidateBy({
    name: 'isFile',
    validator: {
      validate: (path: unknown) => {
        try {
          accessSync(String(path), constants.R_OK);
          return statSync(String(path)).isFile();
        } catch {
          return false;
        }
      },
      defaultMessage: () => '$property must name a file that can be read',
    },
  });

/** `host:port` and more of them; who asks is said by settings of their own, and never in an address. */
const natsAddresses = /^(nats|tls):\/\/[^\s,/@]+\/?(,((nats|tls):\/\/)?[^\s,/@]+\/?)*$/;

/** How whoever speaks over NATS reaches it, and shows who they are. */
export class NatsConfig {
  /** One or several, separated by commas. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? listOf(value).join(',') : value))
  @Matches(natsAddresses, {
    message:
      '$property must be nats://host:port or tls://host:port, several separated by commas, without user and password',
  })
  natsUrl!: string;

  @IsOptional()
  @IsString()
  natsUser?: string;

  @IsOptional()
  @IsString()
  natsPassword?: string;

  /** The seed of an NKey, `SU…`, instead of a user and a password. */
  @IsOptional()
  @Matches(/^SU[A-Z2-7]{56}$/)
  natsNkeySeed?: string;

  /** A file with a JWT and its seed, instead of these. */
  @IsOptional()
  @IsFile()
  natsCredsFile?: string;

  /** Whose certificates to believe of NATS, in PEM; those that Node.js believes when left out. */
  @IsOptional()
  @IsFile()
  natsTlsCaFile?: string;

  /** One's own certificate and its key, in PEM, where NATS asks for one. */
  @IsOptional()
  @IsFile()
  natsTlsCertFile?: string;

  @IsOptional()
  @IsFile()
  natsTlsKeyFile?: string;

  /** Copies that NATS keeps of each stream: 3 in a cluster. Left out, streams stay as they are. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(5)
  @Type(() => Number)
  natsReplicas?: number;
}

/** The settings of every service. A property `mongodbUrl` is the variable MONGODB_URL. */
export class ServiceConfig extends NatsConfig {
  /** A replica set. */
  @Matches(/^mongodb(\+srv)?:\/\//)
  mongodbUrl!: string;

  @IsInt()
  @Min(0)
  @Max(65_535)
  @Type(() => Number)
  httpPort: number = 8080;

  @IsString()
  host: string = '127.0.0.1';

  /** The least that is logged. */
  @IsIn(logLevels)
  logLevel: string = 'info';

  /** Where the API is reached from outside, without a slash at the end; named in problems, in the references and in events. */
  @IsOptional()
  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  publicUrl?: string;
}

/** A setting that is a JSON object, parsed; what is wrong with it is said without a word of what it holds. */
export const IsJsonObject = (): PropertyDecorator => (target, property) => {
  Transform(({ value }) => objectIn(value))(target, property);
  IsObject({ message: `${String(property)} must be a JSON object` })(target, property);
};

/** A setting that is `true` or `false`. */
export const IsSwitch = (): PropertyDecorator => (target, property) => {
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))(
    target,
    property,
  );
  IsBoolean({ message: `${String(property)} must be true or false` })(target, property);
};

function objectIn(value: unknown): unknown {
  try {
    return typeof value === 'string' ? (JSON.parse(value) as unknown) : value;
  } catch {
    return undefined;
  }
}

/** A setting that holds several values, separated by commas. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Settings are missing or wrong: one line for each, without any value. */
export class ConfigError extends Error {
  constructor(problems: string[]) {
    super(`The settings are not usable:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads a service's settings from the environment into its validated class. A property `mongodbUrl` is the variable
 * MONGODB_URL; an empty variable is one that is not set. Throws {@link ConfigError} with every problem at once.
 */
export function loadConfig<T extends object>(Config: new () => T, env: NodeJS.ProcessEnv = process.env): T {
  const given = Object.fromEntries(
    Object.entries(env)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => [propertyOf(name), value]),
  );
  const config = plainToInstance(Config, given, { exposeDefaultValues: true, enableImplicitConversion: false });
  const problems = validateSync(config, { whitelist: true, validationError: { value: false, target: false } }).map(
    ({ property, constraints = {} }) =>
      `${variableOf(property)}: ${Object.values(constraints).join(', ').replaceAll(property, variableOf(property))}`,
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

const propertyOf = (variable: string) =>
  variable.toLowerCase().replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
const variableOf = (property: string) => property.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
