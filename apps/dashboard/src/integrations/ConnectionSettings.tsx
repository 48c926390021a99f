import { useState } from 'react';
import { oktaStatuses, type Connection } from '../domain';
import { percentage } from '../format';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { Checkbox } from '../ui/Field';
import { Panel } from '../ui/Parts';
import { Select } from '../ui/Select';
import { say } from '../ui/Toasts';
import styles from './integrations.module.css';
import { useCommands } from './useCommands';

const intervals = [5, 15, 30, 60, 180, 360, 720, 1440];
const shares = [0.1, 0.25, 0.5, 0.75, 1];
const shrinks = [0.01, 0.05, 0.1, 0.25, 0.5, 1];
/** What is set stays to be chosen, though it is none of the usual. */
const withOwn = (usual: number[], own: number) => [...new Set([...usual, own])].toSorted((a, b) => a - b);

type Settings = Pick<Connection, 'level' | 'syncEveryMinutes' | 'rateShare' | 'shrinkShare' | 'licensedStatuses'>;

export function ConnectionSettings({ connection, isAllowed }: { connection: Connection; isAllowed: boolean }) {
  const texts = t.connection;
  const { change } = useCommands(connection.id);
  const [edited, setEdited] = useState<Partial<Settings>>({});
  const settings: Settings = { ...connection, ...edited };
  const set = (one: Partial<Settings>) => setEdited((before) => ({ ...before, ...one }));
  const save = () =>
    change.mutate(edited, {
      onSuccess: () => {
        setEdited({});
        say(texts.saved);
      },
    });
  return (
    <Panel title={texts.settings} aside={!isAllowed && texts.settingsDenied}>
      <fieldset disabled={!isAllowed} className={styles.settings} style={{ border: 0, padding: 0, margin: 0 }}>
        <div className={styles.pair}>
          <Select
            label={texts.level}
            value={settings.level}
            options={(['read', 'read_and_act'] as const).map((id) => ({ id, text: t.levels[id] }))}
            onChange={(level) => set({ level: level as Connection['level'] })}
          />
          <Select
            label={texts.interval}
            value={String(settings.syncEveryMinutes)}
            options={withOwn(intervals, connection.syncEveryMinutes).map((minutes) => ({
              id: String(minutes),
              text: texts.every(minutes),
            }))}
            onChange={(minutes) => set({ syncEveryMinutes: Number(minutes) })}
          />
          <Select
            label={texts.rateShare}
            help={texts.rateShareHelp}
            value={String(settings.rateShare)}
            options={withOwn(shares, connection.rateShare).map((share) => ({
              id: String(share),
              text: percentage(share),
            }))}
            onChange={(share) => set({ rateShare: Number(share) })}
          />
          <Select
            label={texts.shrinkShare}
            value={String(settings.shrinkShare)}
            options={withOwn(shrinks, connection.shrinkShare).map((share) => ({
              id: String(share),
              text: percentage(share),
            }))}
            onChange={(share) => set({ shrinkShare: Number(share) })}
          />
        </div>
        <div role="group" aria-label={texts.licence}>
          <p className={styles.legend}>{texts.licence}</p>
          <div className={styles.statuses}>
            {oktaStatuses.map((status) => (
              <Checkbox
                key={status}
                isSelected={settings.licensedStatuses.includes(status)}
                onChange={(on) =>
                  set({
                    licensedStatuses: on
                      ? [...settings.licensedStatuses, status]
                      : settings.licensedStatuses.filter((one) => one !== status),
                  })
                }
              >
                {t.statuses[status].name}
              </Checkbox>
            ))}
          </div>
        </div>
        <div className={styles.buttons}>
          <Button
            look="primary"
            isDisabled={!isAllowed || Object.keys(edited).length === 0 || settings.licensedStatuses.length === 0}
            isPending={change.isPending}
            onPress={save}
          >
            {t.common.save}
          </Button>
          {Object.keys(edited).length > 0 && (
            <Button look="quiet" onPress={() => setEdited({})}>
              {t.common.cancel}
            </Button>
          )}
        </div>
      </fieldset>
    </Panel>
  );
}
