import { Controller, Get, Patch, Post } from '@nestjs/common';
import { By, type Caller } from '../door/caller.js';
import { Operation } from '../door/operation.js';
import { FromBody, FromPath } from '../door/reading.js';
import { IssuedKeyDto, NewKey } from '../keys/keys.dto.js';
import { NewWorkspace, OpenedWorkspaceDto, WorkspaceDto, WorkspacePath, WorkspaceSettings } from './workspaces.dto.js';
import { WorkspacesService } from './workspaces.service.js';

@Controller('api/v1')
export class WorkspacesController {
  constructor(private readonly workspaces: WorkspacesService) {}

  @Post('bootstrap')
  @Operation({
    allows: 'bootstrap',
    summary: 'Open the first workspace',
    audited: 'workspace.opened',
    description: 'Works once, while there is no workspace, with the bootstrap token of the settings.',
    answer: {
      status: 201,
      description: 'The workspace and its first admin key, shown once.',
      Type: OpenedWorkspaceDto,
    },
    refuses: ['bootstrap_done'],
  })
  bootstrap(@FromBody(NewWorkspace) { workspaceName }: NewWorkspace): Promise<OpenedWorkspaceDto> {
    return this.workspaces.openFirst(workspaceName);
  }

  @Post('workspaces')
  @Operation({
    allows: 'bootstrap',
    summary: 'Open a further workspace',
    audited: 'workspace.opened',
    description: 'A matter of whoever operates Seatwise, so it takes the bootstrap token.',
    answer: {
      status: 201,
      description: 'The workspace and its first admin key, shown once.',
      Type: OpenedWorkspaceDto,
    },
  })
  openWorkspace(@FromBody(NewWorkspace) { workspaceName }: NewWorkspace): Promise<OpenedWorkspaceDto> {
    return this.workspaces.open(workspaceName);
  }

  @Post('workspaces/:workspace/keys')
  @Operation({
    allows: 'bootstrap',
    summary: 'Issue a key for a workspace that has lost its own',
    audited: 'key.issued',
    description: 'The way back in after the last admin key was revoked, lost or has expired.',
    answer: { status: 201, description: 'The key, with its text.', Type: IssuedKeyDto },
    refuses: ['workspace_not_found'],
  })
  issueWorkspaceKey(
    @FromPath(WorkspacePath) { workspace }: WorkspacePath,
    @FromBody(NewKey) key: NewKey,
  ): Promise<IssuedKeyDto> {
    return this.workspaces.issueKey(workspace, key);
  }

  @Get('workspace')
  @Operation({
    allows: 'viewer',
    summary: 'The workspace of the key',
    answer: { status: 200, description: 'The workspace.', Type: WorkspaceDto },
  })
  getWorkspace(@By() caller: Caller): Promise<WorkspaceDto> {
    return this.workspaces.get(caller.workspace);
  }

  @Patch('workspace')
  @Operation({
    allows: 'admin',
    summary: 'Change the name or the time zone of the workspace',
    audited: 'workspace.changed',
    description: 'Only the fields that are sent change.',
    answer: { status: 200, description: 'The workspace as it is now.', Type: WorkspaceDto },
  })
  changeWorkspace(
    @By() caller: Caller,
    @FromBody(WorkspaceSettings) settings: WorkspaceSettings,
  ): Promise<WorkspaceDto> {
    return this.workspaces.change(caller.workspace, settings);
  }
}
