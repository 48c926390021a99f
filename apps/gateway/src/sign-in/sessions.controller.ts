import { Controller, Delete, Get, Post, Put, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { By, rememberCaller, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromPath } from '../door/reading.js';
import { SessionCookies } from './cookies.js';
import { SessionsService, type Opened } from './sessions.service.js';
import {
  Credentials,
  LinkToken,
  NewPassword,
  OpenSessionListDto,
  SessionDto,
  SessionPath,
  WorkspaceChoice,
} from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';
import { visitOf } from './visit.js';

const signedIn = { status: 201, description: 'Signed in: the session is in a cookie.', Type: SessionDto };

@Controller('api/v1')
export class SessionsController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly signIn: SignInService,
    private readonly cookies: SessionCookies,
  ) {}

  @Post('session')
  @Operation({
    allows: 'anyone',
    samePage: true,
    summary: 'Sign in with a password',
    audited: null,
    description:
      'For the page. After a few wrong ones each further try must wait, and after some more nobody can try for a while: by the ' +
      'e-mail address, whether or not anybody has it, and by where it comes from.',
    answer: signedIn,
    refuses: ['sign_in_failed', 'sign_in_locked', 'password_not_used', 'cross_site'],
  })
  async signInWithPassword(
    @FromBody(Credentials) credentials: Credentials,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionDto> {
    return this.began(await this.signIn.withPassword(credentials, visitOf(request, this.cookies)), request, response);
  }

  @Post('session/link')
  @Operation({
    allows: 'anyone',
    samePage: true,
    summary: 'Sign in by a link',
    audited: null,
    description: 'For the page at `/sign-in#link={token}`. A link works once.',
    answer: signedIn,
    refuses: ['sign_in_link_invalid', 'cross_site'],
  })
  async signInByLink(
    @FromBody(LinkToken) { token }: LinkToken,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SessionDto> {
    return this.began(await this.signIn.withLink(token, visitOf(request, this.cookies)), request, response);
  }

  @Get('session')
  @Operation({
    allows: 'viewer',
    personal: true,
    summary: 'Who is signed in',
    answer: { status: 200, description: 'The session.', Type: SessionDto },
  })
  getSession(@By() caller: Caller): Promise<SessionDto> {
    return this.sessions.show(caller);
  }

  @Put('session/workspace')
  @Operation({
    allows: 'viewer',
    personal: true,
    summary: 'Go to another workspace',
    audited: 'session.moved',
    answer: { status: 200, description: 'The session as it is now.', Type: SessionDto },
    refuses: ['workspace_not_found'],
  })
  moveSession(@By() caller: Caller, @FromBody(WorkspaceChoice) { workspace }: WorkspaceChoice): Promise<SessionDto> {
    return this.sessions.move(caller, workspace);
  }

  @Put('session/password')
  @Operation({
    allows: 'viewer',
    personal: true,
    summary: 'Change the own password',
    audited: 'password.changed',
    description: 'At least 12 characters, of any kind. All other sessions of the account end.',
    answer: { status: 204, description: 'Changed; the session has another cookie.' },
    refuses: ['password_weak', 'password_wrong', 'password_not_used', 'sign_in_locked'],
  })
  async changePassword(
    @By() caller: Caller,
    @FromBody(NewPassword) wish: NewPassword,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    const { session, secret } = await this.signIn.changePassword(caller, wish, visitOf(request, this.cookies));
    this.cookies.setSession(request, response, secret, session.endsAt);
  }

  @Delete('session')
  @Operation({
    allows: 'viewer',
    personal: true,
    summary: 'Sign out',
    audited: 'session.ended',
    description: 'The session at the provider, where there was one, goes on.',
    answer: { status: 204, description: 'Signed out.' },
  })
  async signOut(
    @By() caller: Caller,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await this.sessions.end(caller, caller.session!);
    this.cookies.clearSession(request, response);
  }

  @Get('sessions')
  @Operation({
    allows: 'viewer',
    summary: 'List open sessions',
    description: 'A person’s own, the newest first; for an admin those of all members of the workspace, 500 at most.',
    answer: { status: 200, description: 'The sessions.', Type: OpenSessionListDto },
  })
  listSessions(@By() caller: Caller): Promise<OpenSessionListDto> {
    return this.sessions.list(caller);
  }

  @Delete('sessions/:session')
  @Operation({
    allows: 'viewer',
    summary: 'End a session',
    audited: 'session.ended',
    description: 'One’s own, or as an admin that of any member of the workspace. It ends with its next request.',
    answer: { status: 204, description: 'Ended.' },
    refuses: ['session_not_found'],
  })
  endSession(@By() caller: Caller, @FromPath(SessionPath) { session }: SessionPath): Promise<void> {
    return this.sessions.end(caller, session);
  }

  private async began({ session, secret }: Opened, request: Request, response: Response): Promise<SessionDto> {
    const caller = (await this.sessions.callerWith(secret))!;
    rememberCaller(request, caller);
    this.cookies.setSession(request, response, secret, session.endsAt);
    return this.sessions.show(caller);
  }
}
