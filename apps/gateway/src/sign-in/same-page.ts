import { Injectable } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import type { Request } from 'express';
import { GatewayConfig } from '../config.js';

/**
 * Refuses what another site made a browser send (cross-site request forgery): the browser says where a request comes from
 * in `Origin` and `Sec-Fetch-Site`, which no page can change. At least one must be there, and neither may say elsewhere.
 */
@Injectable()
export class SamePage {
  private readonly origin: string | undefined;

  constructor({ publicUrl }: GatewayConfig) {
    this.origin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  }

  /** Throws the refusal `cross_site` for a request of another origin, or one that does not say of which it is. */
  mustBe(request: Request): void {
    const ours = this.origin ?? `${request.protocol}://${request.headers.host}`;
    const { origin, 'sec-fetch-site': site } = request.headers;
    // A page that names itself to nobody, as ours does by its Referrer-Policy, may have the origin `null`.
    if (site === 'same-origin' && (origin === undefined || origin === 'null' || origin === ours)) return;
    if (site === undefined && origin === ours) return;
    throw new Refusal(
      'cross_site',
      'A request that uses a session, or begins one, must come from the page itself: its Origin must be that of Seatwise. ' +
        'Programs use an API key.',
    );
  }
}
