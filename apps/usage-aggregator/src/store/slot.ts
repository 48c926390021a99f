import { randomInt } from 'node:crypto';

/**
 * Sums are split over slots, a document each, so that writers seldom wait for each other: each kind of writer has its own,
 * and of each process one of eight. Two processes may have the same, at the cost of a wait.
 */
export const slotOf = (writer: string): string => `${writer}${randomInt(8)}`;
