import { IsText } from '@seatwise/contracts';
import {
  ArrayUnique,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsUrl,
  Matches,
  validateSync,
  ValidateBy,
} from 'class-validator';
import { plainToInstance, Transform } from 'class-transformer';
import { roles, type Role } from '../door/roles.js';

/** A provider of OpenID Connect by which people sign in. */
export class ProviderSettings {
  /** Its name in addresses. */
  @Matches(/^[a-z0-9-]{1,40}$/)
  id!: string;

  /** What is on its button. */
  @IsText(100)
  name!: string;

  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] })
  issuer!: string;

  @IsText(500)
  clientId!: string;

  @IsText(2_000)
  clientSecret!: string;

  @IsText(500)
  scope: string = 'openid email profile';

  /** The workspaces that it may sign in to; all when it is left out. */
  @IsOptional()
  @IsArray()
  @ArrayUnique()
  @Matches(/^ws_[0-9a-z]{25}$/, { each: true })
  workspaces?: string[];

  /** The claim that gives the role, such as `groups`, or `realm_access.roles` for one within another. */
  @IsOptional()
  @IsText(200)
  claim?: string;

  /** The role for each value of the claim; of several the highest. */
  @IsOptional()
  @IsObject()
  roles?: Record<string, Role>;

  /** The role of whoever comes without the claim; none when it is left out. */
  @IsOptional()
  @IsIn(roles)
  roleWithoutClaim?: Role;
}

/** A setting that is a JSON list of providers; what is wrong with it is said without a word of what it holds. */
export const AreProviders = (): PropertyDecorator => (target, property) => {
  Transform(({ value }) => providersIn(value))(target, property);
  ValidateBy({
    name: 'areProviders',
    validator: {
      validate: (value) => faultsOf(value).length === 0,
      defaultMessage: (at) => `${String(property)} is not usable: ${faultsOf(at?.value).join(', ')}`,
    },
  })(target, property);
};

function providersIn(value: unknown): unknown {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return Array.isArray(parsed) ? plainToInstance(ProviderSettings, parsed, { exposeDefaultValues: true }) : undefined;
  } catch {
    return undefined;
  }
}

function faultsOf(providers: unknown): string[] {
  if (!Array.isArray(providers)) return ['it must be a JSON list'];
  const all = providers as ProviderSettings[];
  if (!all.every((one) => one instanceof ProviderSettings)) return ['it must be a list of objects'];
  const faults = all.flatMap((one, n) =>
    validateSync(one, { whitelist: true, forbidNonWhitelisted: true, validationError: { value: false } }).flatMap(
      ({ property, constraints = {} }) => Object.keys(constraints).map((rule) => `[${n}].${property} (${rule})`),
    ),
  );
  const wrongRoles = all.flatMap(({ roles: given = {}, claim }, n) => [
    ...(Object.values(given).every((role) => roles.includes(role)) ? [] : [`[${n}].roles (names another role)`]),
    ...((claim === undefined) === (Object.keys(given).length === 0) ? [] : [`[${n}] (claim and roles go together)`]),
  ]);
  const ids = all.map(({ id }) => id);
  return [...faults, ...wrongRoles, ...(new Set(ids).size < ids.length ? ['two have the same id'] : [])];
}
