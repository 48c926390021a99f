import { RateBudget, type BudgetStore } from './budget.js';
import { OktaClient } from './client.js';
import type { OktaCredential, RequestObservation } from './executor.js';
import type { OriginPolicy } from './org-url.js';

/** An org as a service knows it; another version has perhaps another credential. */
export interface KnownOrg {
  id: string;
  version: number;
  orgUrl: string;
  /** The share of its rate limits to use. */
  rateShare: number;
}

export interface OrgClientsOptions<O extends KnownOrg> {
  policy: OriginPolicy;
  store: BudgetStore;
  /** Asked for when it is first needed, and kept in memory alone. */
  credentialOf: (org: O) => Promise<OktaCredential>;
  observe?: (observation: RequestObservation) => void;
}

/** An Okta client for each org, and one rate budget for those of the same share. */
export class OrgClients<O extends KnownOrg> {
  private readonly clients = new Map<string, { version: number; client: OktaClient }>();
  /** By share: a budget tells orgs and tokens apart by itself. */
  private readonly budgets = new Map<number, RateBudget>();

  constructor(private readonly options: OrgClientsOptions<O>) {}

  of(org: O): OktaClient {
    const known = this.clients.get(org.id);
    if (known?.version === org.version) return known.client;
    // The one before is left to those who have it in use; without them its connections end by themselves.
    let credential: Promise<OktaCredential> | undefined;
    const client = new OktaClient({
      orgUrl: org.orgUrl,
      credential: () => {
        credential ??= this.options.credentialOf(org).catch((error: unknown) => {
          credential = undefined;
          throw error;
        });
        return credential;
      },
      policy: this.options.policy,
      budget: this.budgetOf(org.rateShare),
      ...(this.options.observe && { observe: this.options.observe }),
    });
    this.clients.set(org.id, { version: org.version, client });
    return client;
  }

  forget(id: string): void {
    this.clients.delete(id);
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients.values()].map(({ client }) => client.close()));
  }

  private budgetOf(share: number): RateBudget {
    const budget = this.budgets.get(share) ?? new RateBudget(this.options.store, share);
    this.budgets.set(share, budget);
    return budget;
  }
}
