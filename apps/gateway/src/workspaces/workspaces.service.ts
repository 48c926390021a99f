import { Injectable } from '@nestjs/common';
import { newId, Refusal } from '@seatwise/contracts';
import type { IssuedKeyDto, NewKey } from '../keys/keys.dto.js';
import { freshKey, KeysService } from '../keys/keys.service.js';
import type { OpenedWorkspaceDto, WorkspaceDto, WorkspaceSettings } from './workspaces.dto.js';
import { WorkspacesRepository, type StoredWorkspace } from './workspaces.repository.js';

@Injectable()
export class WorkspacesService {
  constructor(
    private readonly workspaces: WorkspacesRepository,
    private readonly keys: KeysService,
  ) {}

  /** Of many that try at once, one opens the first workspace. */
  async openFirst(name: string): Promise<OpenedWorkspaceDto> {
    const { workspace, stored, text } = fresh(name);
    if (!(await this.workspaces.insertFirst(workspace, stored)))
      throw new Refusal('bootstrap_done', 'A workspace exists. Open further ones by POST /api/v1/workspaces.');
    return { workspace: dtoOf(workspace), key: text, keyId: stored.id };
  }

  async open(name: string): Promise<OpenedWorkspaceDto> {
    const { workspace, stored, text } = fresh(name);
    await this.workspaces.insert(workspace, stored);
    return { workspace: dtoOf(workspace), key: text, keyId: stored.id };
  }

  async issueKey(id: string, key: NewKey): Promise<IssuedKeyDto> {
    await this.get(id);
    return this.keys.issue(id, key, null);
  }

  async get(id: string): Promise<WorkspaceDto> {
    return dtoOf(found(id, await this.workspaces.find(id)));
  }

  async change(id: string, settings: WorkspaceSettings): Promise<WorkspaceDto> {
    return dtoOf(found(id, await this.workspaces.change(id, settings)));
  }
}

function found(id: string, workspace: StoredWorkspace | undefined): StoredWorkspace {
  if (!workspace) throw new Refusal('workspace_not_found', `There is no workspace ${id}.`);
  return workspace;
}

function fresh(name: string) {
  const workspace: StoredWorkspace = { id: newId('ws'), name, timeZone: '', createdAt: new Date() };
  return { workspace, ...freshKey(workspace.id, 'First admin key', 'admin', null) };
}

const dtoOf = ({ id, name, timeZone, createdAt }: StoredWorkspace): WorkspaceDto => ({
  id,
  name,
  timeZone,
  createdAt: createdAt.toISOString(),
});
