import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { Refusal } from '@seatwise/contracts';
import { isTransient } from '@seatwise/messaging';
import { counter, createLogger, inSpan, listOf } from '@seatwise/observability';
import { KeyRing, SealError } from '@seatwise/persistence';
import { ActionConfig } from '../config.js';
import { DeliveriesRepository, DeliveryLost } from './deliveries.repository.js';
import type { Delivery } from './delivery.js';
import { Sender, type Answer } from './sender.js';
import { signedHeaders } from './signature.js';
import { bindingOf, signing, type Webhook } from './webhook.js';
import { WebhooksRepository } from './webhooks.repository.js';

const log = createLogger('courier');
const ended = counter('webhook_deliveries_total', 'Attempts to deliver to webhooks, by what came of them', ['outcome']);
// From the start, so that the first of each is an increase.
for (const outcome of ['delivered', 'retried', 'parked']) ended.inc({ outcome }, 0);

const lookMs = 1_000;
/** Deliveries in work here. */
const mostInAll = 64;
/** Of one webhook; of one whose receiver does not take what is sent, one, so that it holds up no other. */
const mostOfWebhook = 4;
/** Nothing was taken for so long, and a webhook is switched off. */
const failingMs = 5 * 86_400_000;

const stopped = 'The webhook was off.';
const notKept = 'What was to be delivered is not kept any more.';

/**
 * Delivers what is due, each at least once and in no order. A delivery is taken for as long as an attempt lasts at most; who
 * dies meanwhile leaves it to another.
 */
@Injectable()
export class Courier implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly sender: Sender;
  private readonly leaseMs: number;
  private readonly waitsMs: number[];
  private looking: NodeJS.Timeout | undefined;
  private isStopped = false;
  private isAtIt = false;
  private kicked = false;
  private last = '';
  private readonly inWork = new Set<Promise<void>>();
  /** By webhook: how many are in work here, and how many may be. */
  private readonly places = new Map<string, { taken: number; most: number }>();

  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly webhooks: WebhooksRepository,
    private readonly keyRing: KeyRing,
    config: ActionConfig,
  ) {
    const timeoutMs = config.webhookTimeoutSeconds * 1_000;
    this.sender = new Sender({ policy: endpointPolicyOf(config), timeoutMs });
    this.leaseMs = timeoutMs + config.leaseSeconds * 1_000;
    this.waitsMs = listOf(config.webhookRetrySeconds).map((seconds) => Number(seconds) * 1_000);
  }

  onApplicationBootstrap(): void {
    this.looking = setInterval(() => this.kick(), lookMs);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearInterval(this.looking);
    await Promise.allSettled(this.inWork);
    await this.sender.close();
  }

  /** Something may be due. */
  kick(): void {
    this.kicked = true;
    if (!this.isAtIt) void this.look();
  }

  private async look(): Promise<void> {
    this.isAtIt = true;
    try {
      while (this.kicked && !this.isStopped) {
        this.kicked = false;
        while (this.inWork.size < mostInAll && !this.isStopped && (await this.takeOne()));
      }
    } catch (error) {
      if (!isTransient(error)) log.error({ err: error }, 'deliveries could not be looked for, and will be again');
    } finally {
      this.isAtIt = false;
    }
  }

  private async takeOne(): Promise<boolean> {
    const busy = [...this.places].filter(([, { taken, most }]) => taken >= most).map(([webhook]) => webhook);
    const delivery = await this.deliveries.claim(this.last, busy, this.leaseMs);
    if (!delivery) return false;
    this.last = delivery.webhook;
    const place = this.places.get(delivery.webhook) ?? { taken: 0, most: 1 };
    place.taken += 1;
    this.places.set(delivery.webhook, place);
    const work: Promise<void> = this.deliver(delivery, place).finally(() => {
      this.inWork.delete(work);
      place.taken -= 1;
      if (place.taken === 0) this.places.delete(delivery.webhook);
      this.kick();
    });
    this.inWork.add(work);
    return true;
  }

  private async deliver(delivery: Delivery, place: { most: number }): Promise<void> {
    try {
      const webhook = await this.webhooks.find(delivery.webhook);
      // It was deleted while this was on its way.
      if (!webhook) return await this.deliveries.removeOf(delivery.webhook);
      place.most = webhook.failingSince ? 1 : mostOfWebhook;
      if (place.most > 1) this.kick();
      if (!webhook.enabled) return await this.deliveries.end(delivery, 'parked', { lastError: stopped });
      if (webhook.heldUntil && webhook.heldUntil > new Date())
        return await this.deliveries.putOff(delivery, jittered(webhook.heldUntil, 5_000));
      await context.with(propagation.extract(ROOT_CONTEXT, delivery.headers), () =>
        inSpan('webhook delivery', { attributes: { 'seatwise.webhook': webhook._id } }, () =>
          this.attempt(delivery, webhook),
        ),
      );
    } catch (error) {
      // What was not written down becomes due again when its time is over.
      if (error instanceof DeliveryLost || isTransient(error)) return;
      log.error({ delivery: delivery._id, err: error }, 'a delivery failed, and is tried again');
    }
  }

  private async attempt(delivery: Delivery, webhook: Webhook): Promise<void> {
    const body = await this.deliveries.bodyOf(delivery.event);
    if (body === null) return this.deliveries.end(delivery, 'parked', { lastError: notKept });
    const answer = await this.send(delivery, webhook, body);
    const own = {
      attempts: delivery.attempts + 1,
      round: delivery.round + 1,
      lastAt: new Date(),
      lastStatus: answer.status,
      lastError: answer.error,
    };
    if (answer.error === null) {
      await this.deliveries.end(delivery, 'delivered', own);
      if (webhook.failingSince) await this.webhooks.well(webhook._id);
      return ended.inc({ outcome: 'delivered' });
    }
    const isOver = await this.mind(answer, webhook);
    const waitMs = this.waitsMs[delivery.round];
    if (isOver || waitMs === undefined) {
      await this.deliveries.end(delivery, 'parked', own);
      return ended.inc({ outcome: 'parked' });
    }
    const dueAt = new Date(Date.now() + Math.max(Math.random() * waitMs, answer.retryAfterMs));
    await this.deliveries.putOff(delivery, dueAt, own);
    ended.inc({ outcome: 'retried' });
  }

  private async send({ event }: Delivery, webhook: Webhook, body: string): Promise<Answer> {
    try {
      const binding = bindingOf(webhook.workspace, webhook._id);
      const secrets = await Promise.all(signing(webhook).map(({ sealed }) => this.keyRing.open(sealed, binding)));
      return await this.sender.send(webhook.url, body, signedHeaders(event, body, secrets));
    } catch (error) {
      if (error instanceof Refusal) return { status: null, error: error.detail, retryAfterMs: 0 };
      if (error instanceof SealError)
        return { status: null, error: 'Its secret cannot be opened. Rotate it.', retryAfterMs: 0 };
      throw error;
    }
  }

  /** What a failure says of the webhook; true: it is off from now on. */
  private async mind({ status, retryAfterMs }: Answer, webhook: Webhook): Promise<boolean> {
    if (retryAfterMs > 0) await this.webhooks.hold(webhook._id, new Date(Date.now() + retryAfterMs));
    const since = await this.webhooks.ill(webhook._id);
    const isGone = status === 410;
    if (!isGone && !(since && Date.now() - since.getTime() > failingMs)) return false;
    await this.webhooks.switchOff(webhook._id, isGone ? 'gone' : 'failing');
    return true;
  }
}

/** Where the settings let webhooks send to. */
export const endpointPolicyOf = ({ webhookPorts, webhookAllowHttpOnLoopback }: ActionConfig) => ({
  ports: listOf(webhookPorts).map(Number),
  allowHttpOnLoopback: webhookAllowHttpOnLoopback,
});

/** Not all that was held at once. */
const jittered = (moment: Date, withinMs: number): Date => new Date(moment.getTime() + Math.random() * withinMs);
