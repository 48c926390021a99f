import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plug, Plus } from 'lucide-react';
import { connectionsQuery } from '../api/queries';
import type { Connection } from '../domain';
import { useMay } from '../shell/context';
import { t } from '../texts';
import { ButtonLink } from '../ui/Button';
import { Page } from '../ui/Page';
import { Moment } from '../ui/Parts';
import { Answer, Empty, Skeleton } from '../ui/States';
import styles from './integrations.module.css';
import { OktaMark } from './OktaMark';
import { standingOf } from './standing';
import { StandingMark } from './StandingMark';
import { useRuns } from './useLastRun';

export default function Integrations() {
  const connections = useQuery({ ...connectionsQuery, refetchInterval: 15_000 });
  const isAdmin = useMay('admin');
  const texts = t.integrations;
  return (
    <Page title={texts.title} lead={texts.lead}>
      <Answer query={connections} waiting={<Skeleton lines={4} height={40} />}>
        {(all) => {
          const connected = all.filter(({ removedAt }) => removedAt === null);
          const removed = all.filter(({ removedAt }) => removedAt !== null);
          return (
            <>
              <section className={styles.tile}>
                <span className={styles.logo}>
                  <OktaMark />
                </span>
                <div className={styles.tileText}>
                  <h2>{texts.okta}</h2>
                  <p className="muted">{texts.oktaText}</p>
                </div>
                {connected.length > 0 && <span className={styles.tileCount}>{texts.count(connected.length)}</span>}
                {isAdmin ? (
                  <ButtonLink to="/integrations/okta/connect" look="primary" icon={<Plus />}>
                    {connected.length === 0 ? texts.connect : texts.connectAnother}
                  </ButtonLink>
                ) : (
                  <span className="muted">{texts.onlyAdmin}</span>
                )}
              </section>
              {connected.length === 0 ? (
                <Empty icon={<Plug aria-hidden />} title={texts.none}>
                  {texts.noneText}
                </Empty>
              ) : (
                <ul className={styles.orgs}>
                  {connected.map((connection) => (
                    <OrgRow key={connection.id} connection={connection} />
                  ))}
                </ul>
              )}
              {removed.length > 0 && (
                <section>
                  <h2 className={styles.between}>{texts.removed}</h2>
                  <ul className={styles.orgs}>
                    {removed.map((connection) => (
                      <OrgRow key={connection.id} connection={connection} />
                    ))}
                  </ul>
                </section>
              )}
            </>
          );
        }}
      </Answer>
    </Page>
  );
}

function OrgRow({ connection }: { connection: Connection }) {
  const { runs, last } = useRuns(connection.id);
  const standing = standingOf(connection, last, runs.isPending);
  return (
    <li>
      <Link to="/integrations/okta/$in" params={{ in: connection.id }} className={styles.org}>
        <StandingMark tone={standing.tone} />
        <span className={styles.orgName}>
          <strong>{connection.name}</strong>
          <span className="muted">{connection.orgUrl.replace(/^https?:\/\//, '')}</span>
        </span>
        <span className={styles.orgStanding}>
          <span>{standing.title}</span>
          {standing.reasons[0] && <span className="muted">{standing.reasons[0]}</span>}
        </span>
        <span className={styles.orgLevel}>{t.levels[connection.level]}</span>
        <span className={styles.orgWhen}>
          {last && (last.endedAt ? <Moment at={last.endedAt} /> : t.runStates[last.state])}
        </span>
      </Link>
    </li>
  );
}
