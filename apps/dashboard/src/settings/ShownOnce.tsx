import { CopyButton } from '../ui/CopyButton';
import layout from '../ui/layout.module.css';
import { Notice } from '../ui/Parts';
import styles from './settings.module.css';

/** A secret that is shown to whoever asked for it, and to nobody again. */
export function ShownOnce({ text, warning }: { text: string; warning: string }) {
  return (
    <div className={layout.stack}>
      <Notice tone="warn" title={warning} />
      <div className={styles.issued}>
        <code>{text}</code>
        <CopyButton text={text} />
      </div>
    </div>
  );
}
