import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { createWebhook, newId, rotateWebhook, type WebhookDto, type WebhookRequest } from '@seatwise/contracts';
import { Bus } from '@seatwise/messaging';
import { PublicKeys } from '@seatwise/persistence';
import type { WebhookChoice, WebhookWithSecretDto } from './webhooks.dto.js';

const owner = 'action-service';

/** Makes the secrets of webhooks: they are shown to whoever asked, and leave this process only sealed to action-service. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly bus: Bus,
    private readonly publicKeys: PublicKeys,
  ) {}

  async create(workspace: string, choice: WebhookChoice): Promise<WebhookWithSecretDto> {
    const at = { workspace, webhook: newId('whk') };
    return this.withSecret(at, (sealedSecret) => this.bus.request(createWebhook, { ...at, choice, sealedSecret }));
  }

  async rotate(at: WebhookRequest): Promise<WebhookWithSecretDto> {
    return this.withSecret(at, (sealedSecret) => this.bus.request(rotateWebhook, Object.assign({ sealedSecret }, at)));
  }

  private async withSecret(
    { workspace, webhook }: WebhookRequest,
    ask: (sealedSecret: string) => Promise<WebhookDto>,
  ): Promise<WebhookWithSecretDto> {
    // Standard Webhooks wants 24 to 64 bytes.
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const answer = await ask(await this.publicKeys.sealFor(owner, secret, `webhook|${workspace}|${webhook}`));
    return Object.assign(answer, { secret });
  }
}
