import { Link, type LinkProps } from '@tanstack/react-router';
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
  return (
    <nav className={styles.tabs} aria-label={label}>
      {tabs.map(({ text, count, to, isOn }) => (
        <Link key={text} {...to} className={cx(styles.tab, isOn && styles.on)} aria-current={isOn ? 'page' : undefined}>
          {text}
          {count !== undefined && <span className={styles.count}>{count}</span>}
        </Link>
      ))}
    </nav>
  );
}
