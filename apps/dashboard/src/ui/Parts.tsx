import { Link, type LinkProps } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { ago, compact, date, deadline, exactly, number, share } from '../format';
import { t } from '../texts';
import { cx } from './cx';
import { Explained } from './Hint';
import styles from './Parts.module.css';

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain' | 'accent';

/** A word of state with a dot: never colour alone. */
export function Badge({
  tone,
  children,
  hint,
  isLoud = false,
}: {
  tone: Tone;
  children: ReactNode;
  hint?: string;
  isLoud?: boolean;
}) {
  const badge = (
    <>
      <span className={styles.dot} aria-hidden />
      {children}
    </>
  );
  const look = cx(styles.badge, styles[tone], isLoud && styles.loud);
  return hint ? (
    <Explained text={hint} className={look}>
      {badge}
    </Explained>
  ) : (
    <span className={look}>{badge}</span>
  );
}

const momentStyles = { ago: (at: string) => ago(at), date, deadline: (at: string) => deadline(at) };

/** A moment as a person says it; the exact one on hover. */
export function Moment({ at, style = 'ago' }: { at: string | null | undefined; style?: keyof typeof momentStyles }) {
  useTick(30_000);
  if (!at) return <span className="muted">–</span>;
  return (
    <Explained text={exactly(at)}>
      <time dateTime={at}>{momentStyles[style](at)}</time>
    </Explained>
  );
}

/** Renders anew each `ms`, so that "2 minutes ago" stays true. */
export function useTick(ms: number): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => tick((n) => n + 1), ms);
    return () => window.clearInterval(timer);
  }, [ms]);
}

/** Used and unused of the seats, in one line: the unused are hatched, so that the two differ without colour. */
export function SeatBar({
  used,
  unused,
  max,
  isLarge = false,
}: {
  used: number;
  unused: number;
  max?: number;
  isLarge?: boolean;
}) {
  const all = Math.max(max ?? used + unused, 1);
  return (
    <span
      className={cx(styles.seats, isLarge && styles.seatsLarge)}
      role="img"
      aria-label={t.seats.bar(number(used), number(unused), share(unused, used + unused))}
    >
      <span className={styles.used} style={{ width: `${(used / all) * 100}%` }} />
      <span className={styles.unused} style={{ width: `${(unused / all) * 100}%` }} />
    </span>
  );
}

/** A figure with its name; it leads to the list behind it. */
export function Figure({
  name,
  value,
  detail,
  to,
  tone,
}: {
  name: string;
  /** A number is shortened; anything else is shown as it is. */
  value: ReactNode;
  detail?: ReactNode;
  to?: LinkProps;
  tone?: Tone;
}) {
  const body = (
    <>
      <span className={styles.figureName}>{name}</span>
      <span className={cx(styles.figureValue, tone && styles[`${tone}Text`])}>
        {typeof value === 'number' ? compact(value) : value}
      </span>
      {detail && <span className={styles.figureDetail}>{detail}</span>}
    </>
  );
  return to ? (
    <Link {...to} className={cx(styles.figure, styles.figureLink)}>
      {body}
    </Link>
  ) : (
    <div className={styles.figure}>{body}</div>
  );
}

export const Figures = ({ children }: { children: ReactNode }) => <div className={styles.figures}>{children}</div>;

/** Names and values, one below the other; side by side where they are short. */
export function Facts({
  facts,
  isShort = false,
}: {
  facts: (readonly [name: string, value: ReactNode] | null | false)[];
  isShort?: boolean;
}) {
  return (
    <dl className={cx(styles.facts, isShort && styles.shortFacts)}>
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

export function Panel({
  title,
  aside,
  children,
  isFlush = false,
  id,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  isFlush?: boolean;
  id?: string;
}) {
  return (
    <section className={styles.panel} id={id}>
      {title && (
        <header className={styles.panelHead}>
          <h2>{title}</h2>
          {aside && <div className={styles.panelAside}>{aside}</div>}
        </header>
      )}
      <div className={cx(!isFlush && styles.panelBody)}>{children}</div>
    </section>
  );
}

/** A note across the page: what is wrong, or good to know, and what to do. */
export function Notice({
  tone,
  title,
  children,
  action,
}: {
  tone: Tone;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={cx(styles.notice, styles[tone])}>
      <span className={styles.dot} aria-hidden />
      <div className={styles.noticeBody}>
        <strong>{title}</strong>
        {children && <div>{children}</div>}
      </div>
      {action}
    </div>
  );
}

/** The first letter of the first and of the last word. */
function lettersOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .flatMap((word) => word && String.fromCodePoint(word.codePointAt(0)!))
    .join('')
    .toUpperCase();
}

const hues = 6;

export function Initials({ name }: { name: string }) {
  let hue = 7;
  for (let place = 0; place < name.length; place++) hue = (hue * 31 + name.charCodeAt(place)) % hues;
  return (
    <span className={cx(styles.initials, styles[`hue${hue}`])} aria-hidden>
      {lettersOf(name) || '?'}
    </span>
  );
}

/** How far it is, of what is known to be done. */
export function Meter({ value, max, label }: { value: number; max: number; label: string }) {
  const part = max === 0 ? 0 : Math.min(1, value / max);
  return (
    <span
      className={styles.meter}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
    >
      <span style={{ width: `${part * 100}%` }} />
    </span>
  );
}
