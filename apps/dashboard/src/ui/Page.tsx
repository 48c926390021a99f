import { Link, type LinkProps } from '@tanstack/react-router';
import { ChevronRight } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { ago, date, exactly } from '../format';
import { t } from '../texts';
import { cx } from './cx';
import { Explained } from './Hint';
import styles from './Page.module.css';
import { Notice, useTick } from './Parts';

/** A page: its name, what can be done with all of it, and as of when it is true. */
export function Page({
  title,
  above,
  lead,
  actions,
  asOf,
  window,
  children,
  isFilled = false,
}: {
  title: string;
  /** Where it belongs. */
  above?: { text: string; to: LinkProps };
  lead?: ReactNode;
  actions?: ReactNode;
  asOf?: Schemas['AsOf'][] | undefined;
  /** Its figures speak of so many days. */
  window?: number;
  children: ReactNode;
  /** It has the height of the window, and what is in it scrolls. */
  isFilled?: boolean;
}) {
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title]);
  return (
    <div className={cx(styles.page, isFilled && styles.filled)}>
      <header className={styles.head}>
        <div className={styles.heading}>
          {above && (
            <nav className={styles.above} aria-label={t.common.youAreHere}>
              <Link {...above.to}>{above.text}</Link>
              <ChevronRight aria-hidden />
            </nav>
          )}
          <div className={styles.titleLine}>
            <h1>{title}</h1>
            {asOf && <AsOfNote asOf={asOf} />}
          </div>
          {lead && <div className={styles.lead}>{lead}</div>}
        </div>
        {actions && <div className={styles.actions}>{actions}</div>}
      </header>
      {asOf && window && <KnownSince asOf={asOf} window={window} />}
      {children}
    </div>
  );
}

/** Said where figures speak of more days than the sign-ins are known for, so that nobody loses a seat by what was never seen. */
function KnownSince({ asOf, window }: { asOf: Schemas['AsOf'][]; window: number }) {
  const since = asOf.map(({ signInsSince }) => signInsSince ?? '').reduce((a, b) => (a > b ? a : b), '');
  // The first sync reads the usual window, up to the moment at which it began.
  const begin = Date.now() - (window - 1) * 86_400_000;
  if (since === '' || new Date(since).getTime() <= begin) return null;
  return <Notice tone="warn" title={t.asOf.knownSince(date(since), window)} />;
}

/** The oldest moment that a figure on the page is true for; the rest on hover. */
export function AsOfNote({ asOf }: { asOf: Schemas['AsOf'][] }) {
  useTick(30_000);
  const known = asOf.flatMap(({ directory, signIns }) => [directory, signIns]).filter((moment) => moment !== null);
  if (known.length === 0) return <span className={styles.asOf}>{t.asOf.notYet}</span>;
  const oldest = known.reduce((a, b) => (a < b ? a : b));
  const details = asOf
    .map(({ directory, signIns, signInsSince }) =>
      [
        t.asOf.directory(directory ? exactly(directory) : t.asOf.never),
        t.asOf.signIns(signIns ? exactly(signIns) : t.asOf.never),
        signInsSince && t.asOf.since(exactly(signInsSince)),
      ]
        .filter(Boolean)
        .join('\n'),
    )
    .join('\n\n');
  return (
    <Explained text={details} className={styles.asOf}>
      {t.asOf.line(ago(oldest))}
    </Explained>
  );
}
