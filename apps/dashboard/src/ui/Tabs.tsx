import { Link, type LinkProps } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { cx } from './cx';
import styles from './Tabs.module.css';

/** Parts of a page, each with an address of its own. */
export function LinkTabs({
  label,
  tabs,
}: {
  label: string;
  tabs: { text: string; count?: string; to: LinkProps; isOn: boolean }[];
}) {
  const bar = useRef<HTMLElement>(null);
  const on = tabs.find(({ isOn }) => isOn)?.text;
  // On a phone the one that is on may be beyond the edge.
  useEffect(() => {
    const tab = bar.current?.querySelector<HTMLElement>(`.${styles.on}`);
    if (tab) bar.current!.scrollLeft = tab.offsetLeft - bar.current!.offsetLeft - 24;
  }, [on]);
  return (
    <nav ref={bar} className={styles.tabs} aria-label={label}>
      {tabs.map(({ text, count, to, isOn }) => (
        <Link
          key={text}
          {...to}
          // Otherwise the one without a search of its own is on with each of the others.
          activeOptions={{ exact: true }}
          className={cx(styles.tab, isOn && styles.on)}
          aria-current={isOn ? 'page' : undefined}
        >
          {text}
          {count !== undefined && <span className={styles.count}>{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
