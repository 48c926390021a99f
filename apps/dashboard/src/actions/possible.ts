import type { ActionKind, Connection, PersonStatus } from '../domain';
import { t } from '../texts';

/** Why an action is not possible on somebody for whoever may act at all; undefined: it is, as far as is known here. */
export function reasonAgainst(
  kind: ActionKind,
  { status, connection }: { status: PersonStatus | undefined; connection: Connection | undefined },
): string | undefined {
  if (connection && connection.level !== 'read_and_act') return t.person.needsLevel;
  if (connection && !connection.capabilities.includes(kind.capability)) return t.person.needsCapability;
  if (status === 'deleted') return t.person.gone;
  if (status && !kind.statuses.includes(status))
    return t.person.needsStatus(kind.statuses.map((one) => t.statuses[one].name).join(', '));
  return undefined;
}
