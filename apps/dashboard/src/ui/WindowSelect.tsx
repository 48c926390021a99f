import { usualWindow, windows } from '../domain';
import { t } from '../texts';
import { Select } from './Select';

/** Within how many days a sign-in counts as use; `undefined`: the usual. */
export function WindowSelect({ window, onChange }: { window: number; onChange: (days: number | undefined) => void }) {
  const all = [...new Set<number>([...windows, window])].toSorted((a, b) => a - b);
  return (
    <Select
      label={t.window.label}
      look="bare"
      prefix={t.window.prefix}
      value={String(window)}
      options={all.map((days) => ({ id: String(days), text: t.window.days(days) }))}
      onChange={(days) => onChange(Number(days) === usualWindow ? undefined : Number(days))}
    />
  );
}
