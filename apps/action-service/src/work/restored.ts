import { Injectable } from '@nestjs/common';
import { bulkPaused } from '@seatwise/contracts';
import { ActionsRepository } from '../actions/actions.repository.js';
import { BulkRepository } from '../bulk/bulk.repository.js';
import { faultFor, type Outcome } from './attempt.js';
import { Ending } from './ending.js';
import { orderWithout } from './worker.js';

/**
 * What was on its way when a backup was made may have been done since, and the database that came back from the backup does
 * not know it. So none of it is sent: actions end as unknown, which are looked for in Okta and never sent again, and bulk jobs
 * wait for a person.
 */
@Injectable()
export class Restored {
  constructor(
    private readonly actions: ActionsRepository,
    private readonly bulk: BulkRepository,
    private readonly ending: Ending,
  ) {}

  /** To be called while no worker runs. Answers how many there were; safe to call again. */
  async holdBack(): Promise<{ actions: number; jobs: number }> {
    const held = { actions: 0, jobs: 0 };
    for (const job of await this.bulk.live())
      if (job.state === 'running' && (await this.bulk.move(job, { state: 'paused' }, bulkPaused))) held.jobs += 1;
    for await (const action of this.actions.unended()) {
      await this.ending.end(action, orderWithout(action), mayBeDone);
      await this.actions.lookNow(action._id);
      held.actions += 1;
    }
    return held;
  }
}

const mayBeDone: Outcome = {
  state: 'unknown',
  effect: null,
  fault: faultFor(
    'outcome_unknown',
    'It was on its way when the backup was made that Seatwise came back from, and may have been done since. Look in Okta ' +
      'before you ask for it anew.',
  ),
};
