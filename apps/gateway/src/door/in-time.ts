import { Refusal } from '@seatwise/contracts';

/** What `work` resolves with, or `service_unavailable` after `milliseconds`: a frozen server holds nobody for longer. */
export async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const refusal = new Refusal(
      'service_unavailable',
      'The database does not answer at the moment. Try again shortly.',
    );
    timer = setTimeout(() => reject(refusal), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
