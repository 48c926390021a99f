import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import express, { type Request, type Response } from 'express';
import { OpenStreams } from '../runs/open-streams.js';
import { callerOf, countedAs, httpOf } from './caller.js';

const mostMegabytes = 8;
/** How many may be held in memory at once: of one key, and in all. */
const perKey = 2;
const inAll = 8;

/** The one route whose body may be large: a hundred thousand people are named in it. */
const large = /^\/api\/v1\/connections\/[^/]+\/bulk\/?$/i;

export const isLarge = ({ method, path }: Pick<Request, 'method' | 'path'>): boolean =>
  method === 'POST' && large.test(path);

const parse = express.json({ limit: mostMegabytes * 1_024 * 1_024, inflate: false, strict: true });

/**
 * Reads a large body after the key, its throttle and its role were looked at: nobody who is not known can make this process
 * hold one, and nobody who is can make it hold many.
 */
@Injectable()
export class LargeBody implements CanActivate {
  private readonly open = new OpenStreams(perKey, inAll);

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { request, response } = httpOf(context);
    const caller = callerOf(request);
    const leave = this.open.enter(caller ? countedAs(caller) : '');
    if (response.closed) leave();
    else response.once('close', leave);
    await read(request, response);
    return true;
  }
}

function read(request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    parse(request, response, (error?: unknown) => {
      if (error === undefined) return resolve();
      const isTooLarge = (error as { type?: string }).type === 'entity.too.large';
      reject(
        isTooLarge
          ? new Refusal('payload_too_large', `This request may have a body of at most ${mostMegabytes} MB.`)
          : (error as Error),
      );
    });
  });
}
