import { Injectable } from '@nestjs/common';
import { getBudgets, type BudgetsDto, type InWorkspace } from '@seatwise/contracts';
import { Handles } from '@seatwise/messaging';
import { ConnectionsRepository } from './connections.repository.js';
import { Orgs } from './orgs.js';

/** What is left of the rate limits of a workspace's orgs, whoever of us has used them. */
@Injectable()
export class BudgetsController {
  constructor(
    private readonly connections: ConnectionsRepository,
    private readonly orgs: Orgs,
  ) {}

  @Handles(getBudgets)
  async budgets({ workspace }: InWorkspace): Promise<BudgetsDto> {
    const synced = await this.connections.syncedIn(workspace);
    const standings = await Promise.all(
      synced.map(async (connection) => {
        // Of an org whose credential cannot be had just now nothing is sent either.
        const buckets = await this.orgs
          .of(connection)
          .executor.standing()
          .catch(() => []);
        return buckets.map(({ fullAt, ...standing }) => ({
          connection: connection._id,
          ...standing,
          fullAt: new Date(fullAt).toISOString(),
        }));
      }),
    );
    return { budgets: standings.flat() };
  }
}
