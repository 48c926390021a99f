import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { Refusal } from '@seatwise/contracts';
import type { Request, Response } from 'express';
import { GatewayConfig } from '../config.js';
import { By, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromPath, FromQuery } from '../door/reading.js';
import { refusalOf } from '../door/refusal-of.js';
import { WorkspacePath } from '../workspaces/workspaces.dto.js';
import { SessionCookies } from './cookies.js';
import { Providers } from './providers.js';
import {
  LinkDto,
  NewAdministratorLink,
  NewLink,
  ProviderListDto,
  ProviderPath,
  ReturnQuery,
  WaysDto,
} from './sign-in.dto.js';
import { SignInService } from './sign-in.service.js';
import { visitOf } from './visit.js';

/** Two round trips to the provider, each with a time limit of its own. */
const whileTheProviderAnswersMs = 30_000;

@Controller('api/v1')
export class SignInController {
  constructor(
    private readonly signIn: SignInService,
    private readonly providers: Providers,
    private readonly cookies: SessionCookies,
    private readonly config: GatewayConfig,
  ) {}

  @Get('sign-in')
  @Operation({
    allows: 'anyone',
    summary: 'How people sign in',
    answer: { status: 200, description: 'The ways that there are.', Type: WaysDto },
  })
  listWays(): WaysDto {
    return { password: this.config.passwordSignIn, oidc: this.providers.list() };
  }

  @Get('sign-in/providers')
  @Operation({
    allows: 'admin',
    summary: 'The providers that may sign in to the workspace',
    description: 'As the settings of the gateway name them, but for their secrets.',
    answer: { status: 200, description: 'The providers.', Type: ProviderListDto },
  })
  listProviders(@By() caller: Caller): ProviderListDto {
    return { providers: this.providers.of(caller.workspace) };
  }

  @Post('sign-in-links')
  @Operation({
    allows: 'admin',
    summary: 'Make a sign-in link for a member',
    audited: 'link.made',
    description:
      'It works once and for a short time, and whoever has it is signed in as that member, so hand it over by a way that only ' +
      'they can read. With it they set a password. The token is in this answer and nowhere else.',
    answer: { status: 201, description: 'The link.', Type: LinkDto },
    refuses: ['member_not_found'],
  })
  makeLink(@By() caller: Caller, @FromBody(NewLink) link: NewLink): Promise<LinkDto> {
    return this.signIn.makeLink(caller.workspace, link);
  }

  @Post('workspaces/:workspace/sign-in-links')
  @Operation({
    allows: 'bootstrap',
    summary: 'Make a sign-in link for an administrator',
    audited: 'link.made',
    description:
      'Makes them a member with the role `admin` where they are not: the first administrator, or the way back in after the last ' +
      'one has lost theirs.',
    answer: { status: 201, description: 'The link.', Type: LinkDto },
    refuses: ['workspace_not_found'],
  })
  makeAdministratorLink(
    @FromPath(WorkspacePath) { workspace }: WorkspacePath,
    @FromBody(NewAdministratorLink) link: NewAdministratorLink,
  ): Promise<LinkDto> {
    return this.signIn.makeAdministratorLink(workspace, link);
  }

  @Get('sign-in/oidc/:provider')
  @Operation({
    allows: 'anyone',
    summary: 'Sign in by a provider',
    description:
      'For a browser: leads to the provider, which leads back. Whoever prefers `text/html` is led to the page `/sign-in#problem={code}` ' +
      'when it is refused.',
    answer: { status: 303, description: 'To the provider.', headers: ['Location'] },
    refuses: ['provider_not_found', 'invalid_return', 'provider_unavailable'],
    deadlineMs: whileTheProviderAnswersMs,
  })
  async beginSignIn(
    @FromPath(ProviderPath) { provider }: ProviderPath,
    @FromQuery(ReturnQuery) { returnTo }: ReturnQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await orToThePage(request, response, async () => {
      const { url, secret, expiresAt } = await this.signIn.begin(provider, returnTo, this.cookies.attemptIn(request));
      this.cookies.setAttempt(request, response, secret, expiresAt);
      return url;
    });
  }

  @Get('sign-in/oidc/:provider/callback')
  @Operation({
    allows: 'anyone',
    summary: 'Come back from a provider',
    description:
      'Where the provider sends the browser, with `code` and `state`, or with `error`, and whatever else it likes. It must be the ' +
      'browser that was sent, once. A refusal is told as at the beginning.',
    answer: { status: 303, description: 'To the page.', headers: ['Location'] },
    refuses: [
      'provider_not_found',
      'sign_in_expired',
      'provider_refused',
      'not_a_member',
      'email_unverified',
      'no_role',
      'provider_unavailable',
    ],
    anyQuery: true,
    deadlineMs: whileTheProviderAnswersMs,
  })
  async endSignIn(
    @FromPath(ProviderPath) { provider }: ProviderPath,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<void> {
    await orToThePage(request, response, async () => {
      const [, query = ''] = /^[^?]*(\?.*)?$/s.exec(request.originalUrl) ?? [];
      const attempt = this.cookies.attemptIn(request);
      const visit = visitOf(request, this.cookies);
      const { session, secret, returnTo } = await this.signIn.comeBack(provider, query, attempt, visit);
      this.cookies.setSession(request, response, secret, session.endsAt);
      return returnTo;
    });
  }
}

/** Leads the browser to where `work` says; one that wants to show something to a person, to the page also when it is refused. */
async function orToThePage(request: Request, response: Response, work: () => Promise<string>): Promise<void> {
  let address: string;
  try {
    address = await work();
  } catch (error) {
    const refusal = refusalOf(error) ?? new Refusal('internal_error', '');
    if (request.accepts(['json', 'html']) !== 'html') throw error;
    address = `/sign-in#problem=${refusal.code}`;
  }
  response.location(address);
}
