import { Injectable } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { createLogger } from '@seatwise/observability';
import * as oidc from 'openid-client';
import { GatewayConfig } from '../config.js';
import { covers, type Role } from '../door/roles.js';
import type { ProviderSettings } from './provider-settings.js';
import type { ProviderDetailsDto } from './sign-in.dto.js';

const log = createLogger('sign-in');
const timeoutSeconds = 8;
/** A provider's keys and addresses may change. */
const discoveredForMs = 10 * 60_000;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A person as a provider names them. */
export interface Proven {
  issuer: string;
  subject: string;
  /** Undefined unless the provider says that it is verified. */
  email: string | undefined;
  /** `kept`: the provider has no say in it; `none`: it gives no role. */
  role: Role | 'kept' | 'none';
}

/** What is kept of a person who is sent to a provider, until they come back. */
export interface Sent {
  state: string;
  nonce: string;
  verifier: string;
}

/** The providers of the settings: authorization code with PKCE, state and nonce, and signatures checked. */
@Injectable()
export class Providers {
  private readonly discovered = new Map<string, { at: number; client: Promise<oidc.Configuration> }>();

  constructor(private readonly config: GatewayConfig) {}

  list = (): { id: string; name: string }[] => this.config.oidcProviders.map(({ id, name }) => ({ id, name }));

  /** Those that may sign in to a workspace. */
  of = (workspace: string): ProviderDetailsDto[] =>
    this.config.oidcProviders
      .filter(({ workspaces }) => workspaces === undefined || workspaces.includes(workspace))
      .map((settings) => ({
        id: settings.id,
        name: settings.name,
        issuer: settings.issuer,
        clientId: settings.clientId,
        redirectAddress: this.returnAddress(settings),
        claim: settings.claim ?? null,
        roles: settings.roles ?? {},
        roleWithoutClaim: settings.roleWithoutClaim ?? null,
      }));

  require(id: string): ProviderSettings {
    const settings = this.config.oidcProviders.find((one) => one.id === id);
    if (!settings) throw new Refusal('provider_not_found', 'There is no sign-in provider of this id in the settings.');
    return settings;
  }

  /** Where to send the person. */
  async begin(settings: ProviderSettings): Promise<Sent & { url: string }> {
    const client = await this.clientOf(settings);
    const [state, nonce, verifier] = [oidc.randomState(), oidc.randomNonce(), oidc.randomPKCECodeVerifier()];
    const url = oidc.buildAuthorizationUrl(client, {
      redirect_uri: this.returnAddress(settings),
      scope: settings.scope,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { state, nonce, verifier, url: url.href };
  }

  /** Who came back with this query. */
  async end(settings: ProviderSettings, query: string, { state, nonce, verifier }: Sent): Promise<Proven> {
    const client = await this.clientOf(settings);
    try {
      const tokens = await oidc.authorizationCodeGrant(client, new URL(this.returnAddress(settings) + query), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const claims = tokens.claims()!;
      // Many providers put into the ID token only who it is.
      const more = client.serverMetadata().userinfo_endpoint
        ? await oidc.fetchUserInfo(client, tokens.access_token, claims.sub)
        : {};
      return provenBy(settings, { ...more, ...claims });
    } catch (error) {
      throw refusalOf(error, settings);
    }
  }

  private returnAddress = ({ id }: ProviderSettings): string =>
    `${this.config.publicUrl}/api/v1/sign-in/oidc/${id}/callback`;

  private clientOf(settings: ProviderSettings): Promise<oidc.Configuration> {
    const known = this.discovered.get(settings.id);
    if (known && Date.now() - known.at < discoveredForMs) return known.client;
    const client = this.discover(settings);
    this.discovered.set(settings.id, { at: Date.now(), client });
    client.catch(() => this.discovered.delete(settings.id));
    return client;
  }

  private async discover(settings: ProviderSettings): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = settings;
    const allowsHttp = this.config.oidcAllowHttpOnLoopback;
    const guarded: oidc.CustomFetch = async (url, options) => {
      const { protocol, hostname } = new URL(url);
      if (protocol !== 'https:' && !(allowsHttp && loopback.has(hostname)))
        throw new TypeError(`${protocol} is not https`);
      return fetch(url, options as RequestInit);
    };
    try {
      return await oidc.discovery(new URL(issuer), clientId, clientSecret, undefined, {
        timeout: timeoutSeconds,
        [oidc.customFetch]: guarded,
        // TLS stands for the ID token already; its signature says so where TLS ends before us.
        execute: [oidc.enableNonRepudiationChecks, ...(allowsHttp ? [oidc.allowInsecureRequests] : [])],
      });
    } catch (error) {
      throw refusalOf(error, settings);
    }
  }
}

function provenBy({ claim, roles = {}, roleWithoutClaim }: ProviderSettings, claims: oidc.IDToken): Proven {
  const values = claim === undefined ? [] : valuesOf(claims, claim);
  const given = values?.flatMap((value) => (Object.hasOwn(roles, value) ? [roles[value]!] : []));
  const highest = given?.reduce<Role | undefined>(
    (best, role) => (best && covers(best, role) ? best : role),
    undefined,
  );
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: typeof claims.email === 'string' && claims.email_verified === true ? claims.email : undefined,
    role: claim === undefined ? 'kept' : ((values === undefined ? roleWithoutClaim : highest) ?? 'none'),
  };
}

/** What a claim holds: a text, or a list of them. Undefined: the claim is absent. */
function valuesOf(claims: oidc.IDToken, name: string): string[] | undefined {
  // The whole name first: some are addresses, with dots in them.
  const value = within(claims, name) ?? name.split('.').reduce<unknown>(within, claims);
  if (value === undefined || value === null) return undefined;
  return [value].flat().filter((one): one is string => typeof one === 'string');
}

const within = (holder: unknown, key: string): unknown =>
  typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key)
    ? (holder as Record<string, unknown>)[key]
    : undefined;

/** In words of ours: those of the provider are anybody's, and its answers may hold a token. */
function refusalOf(error: unknown, { id, name }: ProviderSettings): Refusal {
  const { code, error: said } = error as { code?: string; error?: unknown };
  const theirs = typeof said === 'string' && /^[a-z_]{1,40}$/.test(said) ? said : undefined;
  log.warn({ provider: id, code, error: theirs, reason: (error as Error).name }, 'a sign-in by a provider failed');
  if (error instanceof oidc.AuthorizationResponseError)
    return new Refusal('provider_refused', `${name} refused the sign-in${theirs ? ` (${theirs})` : ''}.`);
  if (error instanceof oidc.ResponseBodyError)
    return theirs === 'invalid_grant'
      ? new Refusal('provider_refused', `${name} does not take the code: it was used, or is too old. Sign in again.`)
      : new Refusal(
          'provider_unavailable',
          `${name} refused Seatwise itself (${theirs ?? 'unknown'}). See its settings.`,
        );
  if (code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED' || code === 'OAUTH_INVALID_RESPONSE')
    return new Refusal(
      'provider_refused',
      `What came from ${name} is not the answer to what was asked. Sign in again.`,
    );
  return new Refusal('provider_unavailable', `${name} did not answer as it should. Try again shortly.`);
}
