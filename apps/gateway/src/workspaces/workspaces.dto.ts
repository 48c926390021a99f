import { IsName, IsSeatwiseId, IsText, IsZoneOrOwn } from '@seatwise/contracts';
import { IsISO8601, IsNotEmpty, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

/** A tenant: nothing crosses it. */
export class WorkspaceDto {
  @IsSeatwiseId()
  id!: string;
  @IsText(100)
  name!: string;
  /** In which its dashboard tells times: an IANA name; empty: each reader's own. */
  @IsZoneOrOwn()
  timeZone!: string;
  @IsISO8601()
  createdAt!: string;
}

/** What may be changed of a workspace. */
export class WorkspaceSettings {
  @IsOptional()
  @IsName()
  name?: string;
  /** An IANA name, such as `Europe/Berlin`; empty: each reader's own. */
  @IsOptional()
  @IsZoneOrOwn()
  timeZone?: string;
}

export class NewWorkspace {
  @IsText(100)
  @IsNotEmpty()
  workspaceName!: string;
}

/** A new workspace and its first admin key, whose text is shown this once. */
export class OpenedWorkspaceDto {
  @IsObject()
  @ValidateNested()
  @Type(() => WorkspaceDto)
  workspace!: WorkspaceDto;
  @IsText(100)
  key!: string;
  @IsSeatwiseId()
  keyId!: string;
}

export class WorkspacePath {
  @IsSeatwiseId()
  workspace!: string;
}
