import { JetStreamApiError } from '@nats-io/jetstream';

const transientNames =
  /^(Mongo(Network|ServerSelection|NotConnected|TopologyClosed|PoolCleared|PoolClosed)|Timeout|NoResponders|ConnectionError|ClosedConnection|RequestError|JetStreamNotEnabled)/;
const transientLabels = ['TransientTransactionError', 'RetryableWriteError', 'UnknownTransactionCommitResult'];

/**
 * Whether a failure lies with a server that is away and comes back, so that the message itself is not to blame and is
 * tried again for as long as that lasts.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // JetStream has no leader, or is not up, at the moment.
  if (error instanceof JetStreamApiError) return error.status === 503;
  const labels = (error as { errorLabelSet?: Set<string> }).errorLabelSet;
  return transientNames.test(error.name) || transientLabels.some((label) => labels?.has(label));
}
