import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import type { Request } from 'express';
import { GatewayConfig } from '../config.js';
import { httpOf, rememberCaller, type Caller } from '../door/caller.js';
import { inTime } from '../door/in-time.js';
import { factsOf } from '../door/operation.js';
import { AddressThrottle } from '../door/throttling.js';
import { bearerOf, hashOf, isSecret } from '../keys/api-key.js';
import { KeysService } from '../keys/keys.service.js';
import { SessionCookies } from './cookies.js';
import { SamePage } from './same-page.js';
import { SessionsService } from './sessions.service.js';

/** Guards run before the deadline of an operation begins, so the key or session has one of its own. */
const lookUpMs = 5_000;

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets in whom the operation allows: anyone, the operator with the bootstrap token, whoever has a key, or who is signed in.
 * A key is taken from the header alone and a session from the cookie alone; a request with the header has no session.
 */
@Injectable()
export class CallerGuard implements CanActivate {
  private readonly bootstrapHash: Buffer;

  constructor(
    private readonly keys: KeysService,
    private readonly sessions: SessionsService,
    private readonly cookies: SessionCookies,
    private readonly samePage: SamePage,
    private readonly addresses: AddressThrottle,
    config: GatewayConfig,
  ) {
    this.bootstrapHash = hashOf(config.bootstrapToken);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { request } = httpOf(context);
    const facts = factsOf(context.getHandler());
    if (!facts) {
      if (!request.path.startsWith('/api/')) return true;
      throw new Error(`${context.getClass().name}.${context.getHandler().name} is not declared an operation`);
    }
    if (facts.samePage) this.samePage.mustBe(request);
    if (facts.allows === 'anyone') return true;
    if (facts.allows === 'bootstrap') return this.mustBeOperator(request);
    const caller = await inTime(this.callerOf(request), lookUpMs);
    // Whoever guesses is slowed down, and nobody who shares the address but has a key is.
    if (!caller) await this.addresses.count(context);
    if (!caller)
      throw new Refusal(
        'unauthenticated',
        'Sign in, or send a valid API key: Authorization: Bearer sw_…. It may have expired.',
      );
    if (facts.personal && caller.session === null)
      throw new Refusal('session_required', 'This is about a person who is signed in, and an API key is none.');
    rememberCaller(request, caller);
    return true;
  }

  private mustBeOperator({ headers }: Request): true {
    const token = bearerOf(headers.authorization);
    if (token !== undefined && isSecret(token, this.bootstrapHash)) return true;
    throw new Refusal('unauthenticated', 'This needs the bootstrap token: Authorization: Bearer {BOOTSTRAP_TOKEN}.');
  }

  private async callerOf(request: Request): Promise<Caller | undefined> {
    if (request.headers.authorization !== undefined) {
      const token = bearerOf(request.headers.authorization);
      return token === undefined ? undefined : this.keys.callerWith(token);
    }
    const cookie = this.cookies.sessionIn(request);
    if (cookie === undefined) return undefined;
    // Only a browser sends what nobody gave it: another page must not use that.
    if (!reads.has(request.method)) this.samePage.mustBe(request);
    return this.sessions.callerWith(cookie);
  }
}
