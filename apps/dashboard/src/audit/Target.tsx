import { Link, type LinkProps } from '@tanstack/react-router';
import type { Schemas } from '../api/client';
import { useConnectionNames } from '../shell/context';
import { t } from '../texts';

type RecordOf = Pick<Schemas['AuditRecord'], 'on' | 'connection' | 'asked'>;

/** To whom or what it was done, by its name where it has one; it leads to its page where there is one. */
export function Target({
  record,
  className,
  isLink = true,
}: {
  record: RecordOf;
  className?: string;
  isLink?: boolean;
}) {
  const nameOfConnection = useConnectionNames();
  const name = nameOf(record, nameOfConnection);
  const to = isLink ? pageOf(record) : undefined;
  return to ? (
    <Link {...to} className={`${className ?? ''} link`}>
      {name}
    </Link>
  ) : (
    name
  );
}

function nameOf({ on, asked }: RecordOf, nameOfConnection: (id: string) => string): string {
  if (on.name) return on.name;
  if (on.kind === 'person' && on.id) return on.id;
  if (on.kind === 'connection' && on.id) return nameOfConnection(on.id);
  const kind = t.audit.kinds[on.kind] ?? t.audit.operationOf(on.kind);
  const action = t.actionTitles[asked?.action as keyof typeof t.actionTitles];
  if (action) return `${kind}: ${action}`;
  return on.id ? `${kind} …${on.id.slice(-6)}` : kind;
}

function pageOf({ on: { kind, id }, connection }: RecordOf): LinkProps | undefined {
  if (kind === 'member') return { to: '/settings', search: { tab: 'members' } };
  if (kind === 'key') return { to: '/settings' };
  if (kind === 'workspace') return { to: '/settings', search: { tab: 'workspace' } };
  if (id === null) return undefined;
  if (kind === 'person' && connection !== null)
    return { to: '/people/$in/$person', params: { in: connection, person: id } };
  if (kind === 'connection') return { to: '/integrations/okta/$in', params: { in: id } };
  if (kind === 'action') return { to: '/actions/$action', params: { action: id } };
  if (kind === 'bulk') return { to: '/jobs/$bulk', params: { bulk: id } };
  if (kind === 'run') return { to: '/runs/$run', params: { run: id } };
  return undefined;
}
