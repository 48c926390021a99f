import type { Role } from '../api/session';
import { t } from '../texts';
import { Cards } from '../ui/Field';

/** One of the three roles, with what each may do. */
export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  return (
    <Cards
      label={t.settings.role}
      value={value}
      onChange={onChange}
      options={(['viewer', 'operator', 'admin'] as const).map((id) => ({
        id,
        title: t.shell.roles[id],
        children: <span className="muted">{t.settings.roleTexts[id]}</span>,
      }))}
    />
  );
}
