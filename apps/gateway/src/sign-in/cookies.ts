import { Injectable } from '@nestjs/common';
import { parseCookie } from 'cookie';
import type { CookieOptions, Request, Response } from 'express';
import { GatewayConfig } from '../config.js';

/** What a secret in a cookie of ours looks like. */
const format = /^[A-Za-z0-9_-]{43}$/;

/** The cookies of the door: of a session, and of a sign-in that is under way at a provider. No script can read them. */
@Injectable()
export class SessionCookies {
  constructor(private readonly config: GatewayConfig) {}

  sessionIn = (request: Request): string | undefined => this.read(request, 'session');
  attemptIn = (request: Request): string | undefined => this.read(request, 'attempt');

  setSession = (request: Request, response: Response, secret: string, until: Date): void =>
    void response.cookie(this.name(request, 'session'), secret, { ...this.options(request), expires: until });
  setAttempt = (request: Request, response: Response, secret: string, until: Date): void =>
    void response.cookie(this.name(request, 'attempt'), secret, { ...this.options(request), expires: until });
  clearSession = (request: Request, response: Response): void =>
    void response.clearCookie(this.name(request, 'session'), this.options(request));

  private read(request: Request, kind: string): string | undefined {
    const value = parseCookie(request.headers.cookie ?? '')[this.name(request, kind)];
    return value !== undefined && format.test(value) ? value : undefined;
  }

  /** A browser takes `__Host-` from this very host alone, over https, for every path. */
  private name(request: Request, kind: string): string {
    return this.isSecure(request) ? `__Host-seatwise-${kind}` : `seatwise-${kind}`;
  }

  private options = (request: Request): CookieOptions => ({
    httpOnly: true,
    sameSite: 'lax',
    secure: this.isSecure(request),
    path: '/',
  });

  private isSecure(request: Request): boolean {
    const { secureCookies, publicUrl } = this.config;
    return secureCookies ?? (publicUrl?.startsWith('https:') || request.secure);
  }
}
