import { IsSeatwiseId, IsText } from '@seatwise/contracts';
import { IsISO8601, IsNotEmpty, IsObject, ValidateNested } from 'class-validator';
import { Type } from 'class-transformer';

/** A tenant: nothing crosses it. */
export class WorkspaceDto {
  @IsSeatwiseId()
  id!: string;
  @IsText(100)
  name!: string;
  @IsISO8601()
  createdAt!: string;
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
