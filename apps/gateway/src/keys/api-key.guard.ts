import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import { GatewayConfig } from '../config.js';
import { httpOf, rememberCaller } from '../door/caller.js';
import { inTime } from '../door/in-time.js';
import { factsOf } from '../door/operation.js';
import { AddressThrottle } from '../door/throttling.js';
import { bearerOf, hashOf, isSecret } from './api-key.js';
import { KeysService } from './keys.service.js';

/** Guards run before the deadline of an operation begins, so the key has one of its own. */
const lookUpMs = 5_000;

/** Lets in whom the operation allows: anyone, the operator with the bootstrap token, or whoever has a key. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  private readonly bootstrapHash: Buffer;

  constructor(
    private readonly keys: KeysService,
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
    if (facts.allows === 'anyone') return true;
    const token = bearerOf(request.headers.authorization);
    if (facts.allows === 'bootstrap') {
      if (token === undefined || !isSecret(token, this.bootstrapHash))
        throw new Refusal(
          'unauthenticated',
          'This needs the bootstrap token: Authorization: Bearer {BOOTSTRAP_TOKEN}.',
        );
      return true;
    }
    const caller = token === undefined ? undefined : await inTime(this.keys.callerWith(token), lookUpMs);
    // Whoever guesses is slowed down, and nobody who shares the address but has a key is.
    if (!caller) await this.addresses.count(context);
    if (!caller)
      throw new Refusal('unauthenticated', 'Send a valid API key: Authorization: Bearer sw_…. It may have expired.');
    rememberCaller(request, caller);
    return true;
  }
}
