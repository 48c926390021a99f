import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { ActingPersonDto, ActorDto } from '@seatwise/contracts';
import type { Request, Response } from 'express';
import type { Role } from './roles.js';

/** Who is asking, and the workspace to which everything that they may see belongs. */
export interface Caller {
  /** The API key; null for a person who is signed in. */
  key: string | null;
  /** Who is signed in, or issued the key. */
  person: ActingPersonDto | null;
  /** The session of a person who is signed in. */
  session: string | null;
  workspace: string;
  role: Role;
  /** Whether the key or the session still is good, for what lasts longer than a request. */
  isGood(): Promise<boolean>;
}

/** By what a caller's requests are counted: the key, or the person whatever their sessions. */
export const countedAs = ({ key, person }: Caller): string => key ?? person!.id;

/** The caller as the services, and all that is recorded, know them. */
export const actorOf = ({ key, person, role }: Caller): ActorDto => ({ key, ...(person && { person }), role });

/** What a service is asked for: what was read from the request, within the workspace of the caller and no other. */
export const within = <A extends object, B extends object = object>(
  { workspace }: Caller,
  read: A,
  more?: B,
): Omit<A & B, 'workspace'> & { workspace: string } => Object.assign({}, read, more, { workspace });

const callers = new WeakMap<Request, Caller>();

export const httpOf = (context: ExecutionContext): { request: Request; response: Response } => ({
  request: context.switchToHttp().getRequest<Request>(),
  response: context.switchToHttp().getResponse<Response>(),
});

export const rememberCaller = (request: Request, caller: Caller): void => void callers.set(request, caller);
export const callerOf = (request: Request): Caller | undefined => callers.get(request);

/** The caller, in a controller's method. Only the guard of callers sets it, so it is there in every operation with a role. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(httpOf(context).request);
  if (!caller) throw new Error('an operation that is open to anyone asked who is calling');
  return caller;
});
