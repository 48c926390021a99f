import { t } from '../texts';
import { CopyButton } from './CopyButton';
import layout from './layout.module.css';

/** Under what all of it can be found in the traces and logs, to be taken there. */
export const Trace = ({ id }: { id: string | null }) =>
  id === null ? (
    <span className="muted">{t.common.noTrace}</span>
  ) : (
    <span className={layout.traceLine}>
      <code className={layout.trace}>{id}</code>
      <CopyButton text={id} />
    </span>
  );
