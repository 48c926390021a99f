import { Copy } from 'lucide-react';
import { t } from '../texts';
import { IconButton } from '../ui/Button';
import layout from '../ui/layout.module.css';
import { Notice } from '../ui/Parts';
import { say } from '../ui/Toasts';
import styles from './settings.module.css';

/** A secret that is shown to whoever asked for it, and to nobody again. */
export function ShownOnce({ text, warning }: { text: string; warning: string }) {
  return (
    <div className={layout.stack}>
      <Notice tone="warn" title={warning} />
      <div className={styles.issued}>
        <code>{text}</code>
        <IconButton
          label={t.common.copy}
          look="plain"
          icon={<Copy />}
          onPress={() => void navigator.clipboard.writeText(text).then(() => say(t.common.copied))}
        />
      </div>
    </div>
  );
}
