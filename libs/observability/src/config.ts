import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';

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
