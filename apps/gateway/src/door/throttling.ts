import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ThrottlerStorageService } from '@nestjs/throttler';
import { Refusal } from '@seatwise/contracts';
import { GatewayConfig } from '../config.js';
import { callerOf, countedAs, httpOf } from './caller.js';
import { factsOf } from './operation.js';

const minute = 60_000;

/** Counts requests per minute in this process's memory; with N replicas a caller may reach N times the limit. */
@Injectable()
export class Throttling {
  constructor(private readonly storage: ThrottlerStorageService) {}

  async count(context: ExecutionContext, kind: string, who: string, limit: number): Promise<true> {
    const { response } = httpOf(context);
    const record = await this.storage.increment(`${kind}:${who}`, minute, limit, minute, kind);
    if (!record.isBlocked) return true;
    const seconds = Math.max(1, record.timeToBlockExpire);
    response.setHeader('Retry-After', String(seconds));
    throw new Refusal('too_many_requests', `At most ${limit} requests a minute. Try again in ${seconds} seconds.`);
  }
}

/** For operations that need no key. One whose key is not valid is counted by its address as well. */
@Injectable()
export class AddressThrottle implements CanActivate {
  constructor(
    private readonly throttling: Throttling,
    private readonly config: GatewayConfig,
  ) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    // Probes and scrapes are no operations, and a node asks often.
    const allows = factsOf(context.getHandler())?.allows;
    return allows === 'anyone' || allows === 'bootstrap' ? this.count(context) : true;
  }

  /** Throws the refusal `too_many_requests` when it is one too many. */
  count(context: ExecutionContext): Promise<true> {
    const { ip = 'unknown' } = httpOf(context).request;
    return this.throttling.count(context, 'address', ip, this.config.throttleAddressPerMinute);
  }
}

/** After the caller is known: one key, or person, cannot slow down another. */
@Injectable()
export class KeyThrottle implements CanActivate {
  constructor(
    private readonly throttling: Throttling,
    private readonly config: GatewayConfig,
  ) {}

  canActivate(context: ExecutionContext): true | Promise<true> {
    const caller = callerOf(httpOf(context).request);
    return !caller || this.throttling.count(context, 'key', countedAs(caller), this.config.throttlePerMinute);
  }
}
