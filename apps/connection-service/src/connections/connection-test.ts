import { Injectable } from '@nestjs/common';
import { Refusal, type ConnectionCheck } from '@seatwise/contracts';
import { SharedMap } from '@seatwise/messaging';
import { listOf } from '@seatwise/observability';
import {
  normaliseOrgUrl,
  OktaClient,
  OrgUrlError,
  probe,
  RateBudget,
  type OriginPolicy,
  type Proof,
  type Tell,
} from '@seatwise/okta';
import { ConnectionConfig } from '../config.js';

/** The address cannot be connected to, with what to do. */
export class InvalidOrgUrl extends Refusal {
  constructor(detail: string) {
    super('invalid_org_url', detail);
  }
}

/** The org or the token did not pass: nothing is stored. */
export class ConnectionTestFailed extends Refusal {
  constructor(checks: ConnectionCheck[]) {
    const [first] = checks.filter(({ result }) => result === 'failed');
    super('connection_test_failed', `${first?.detail ?? 'The test failed.'} ${first?.mend ?? ''}`.trim(), {
      context: { checks },
    });
  }
}

/** Tries an org and a token: one named check after the other. */
@Injectable()
export class ConnectionTest {
  private readonly policy: OriginPolicy;
  private readonly budget: RateBudget;

  constructor(config: ConnectionConfig, shared: SharedMap) {
    this.policy = {
      allowedOrigins: listOf(config.oktaAllowedOrigins),
      allowedHostSuffixes: listOf(config.oktaAllowedHostSuffixes),
    };
    this.budget = new RateBudget(shared);
  }

  /** The org's origin from what a person pasted; throws {@link InvalidOrgUrl}. */
  normalise(orgUrl: string): string {
    try {
      return normaliseOrgUrl(orgUrl, this.policy);
    } catch (error) {
      if (error instanceof OrgUrlError) throw new InvalidOrgUrl(error.detail);
      throw error;
    }
  }

  async run(orgUrl: string, token: string, acting: boolean, tell?: Tell): Promise<Proof> {
    const credential = Promise.resolve({ kind: 'api_token' as const, token });
    const okta = new OktaClient({
      orgUrl,
      credential: () => credential,
      policy: this.policy,
      budget: this.budget,
      timeoutMs: 10_000,
      attempts: 2,
    });
    try {
      return await probe(okta, acting, tell);
    } finally {
      await okta.close();
    }
  }

  /** As {@link run}; throws {@link ConnectionTestFailed} when the org does not answer or does not take the token. */
  async mustPass(orgUrl: string, token: string, acting: boolean): Promise<Proof> {
    const proof = await this.run(orgUrl, token, acting);
    const { checks } = proof;
    if (checks.some(({ check, result }) => (check === 'url' || check === 'token') && result === 'failed'))
      throw new ConnectionTestFailed(checks);
    return proof;
  }
}
