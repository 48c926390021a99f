import { Injectable } from '@nestjs/common';
import { Semaphore } from 'async-mutex';

/** Two writers keep MongoDB busy while this process folds. */
export const laneCount = 2;

/**
 * Who writes to people and seats when. Lanes of sign-ins go side by side, for each person belongs to one of them. A page of
 * the directory is written alone: it would nearly always meet a lane on some document, and MongoDB undoes the whole
 * transaction of one of two that meet. While a large org is read for the first time both come without end.
 */
@Injectable()
export class Turns {
  private readonly lanes = new Semaphore(laneCount);

  beside<T>(write: () => Promise<T>): Promise<T> {
    return this.lanes.runExclusive(write);
  }

  alone<T>(write: () => Promise<T>): Promise<T> {
    return this.lanes.runExclusive(write, laneCount);
  }
}
