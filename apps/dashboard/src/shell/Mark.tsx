import { t } from '../texts';
import icon from './icon.svg';
import styles from './Shell.module.css';

export function Mark({ isSmall = false }: { isSmall?: boolean }) {
  return (
    <span className={styles.mark}>
      <img src={icon} alt={isSmall ? t.product : ''} width={22} height={22} />
      {!isSmall && <span>{t.product}</span>}
    </span>
  );
}
