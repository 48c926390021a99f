import {
  ConnectAccount,
  ConnectionDto,
  ConnectionListDto,
  ConnectionSettings,
  ConnectionTestDto,
  InConnection,
  RemoveConnection,
  RotateCredential,
  TryAccount,
} from '@seatwise/contracts';
import { IntersectionType, PickType } from '@nestjs/swagger';
import { Matches } from 'class-validator';

export { ConnectionDto, ConnectionListDto, ConnectionSettings, ConnectionTestDto };

/** An API token of Okta: what fits into a header. */
const IsToken = (): PropertyDecorator =>
  Matches(/^[\x21-\x7e]{8,500}$/, { message: 'token must be 8 to 500 visible ASCII characters without spaces' });

export class TokenBody {
  @IsToken()
  token!: string;
}

/** Another token, and the org's address where it has moved to another. */
export class NewToken extends IntersectionType(TokenBody, PickType(RotateCredential, ['orgUrl'] as const)) {}

/** An org to connect: its URL, an API token, and whatever setting should not be the usual one. */
export class NewConnection extends IntersectionType(
  PickType(ConnectAccount, ['orgUrl'] as const),
  TokenBody,
  ConnectionSettings,
) {}

/** An org to try: its URL, an API token, and the level at which it would be connected. */
export class NewConnectionTest extends IntersectionType(
  PickType(TryAccount, ['orgUrl', 'level', 'connection'] as const),
  TokenBody,
) {}

export class ConnectionPath extends PickType(InConnection, ['connection'] as const) {}

export class RemovalQuery extends PickType(RemoveConnection, ['history'] as const) {}
