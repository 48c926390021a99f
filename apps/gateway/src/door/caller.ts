import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Role } from './roles.js';

/** Who is asking: the key, and the workspace to which everything that it may see belongs. */
export interface Caller {
  key: string;
  workspace: string;
  role: Role;
}

/** What a service is asked for: what was read from the request, within the workspace of the caller's key and no other. */
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

/** The caller, in a controller's method. Only the key guard sets it, so it is there in every operation with a role. */
export const By = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const caller = callerOf(httpOf(context).request);
  if (!caller) throw new Error('an operation that is open to anyone asked who is calling');
  return caller;
});
