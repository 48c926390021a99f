import { CircleAlert, CircleCheck, CircleDashed, CirclePause, LoaderCircle, TriangleAlert } from 'lucide-react';
import type { Tone } from '../ui/Parts';
import styles from './integrations.module.css';

const marks: Record<Tone, React.ReactNode> = {
  good: <CircleCheck aria-hidden />,
  warn: <TriangleAlert aria-hidden />,
  bad: <CircleAlert aria-hidden />,
  info: <LoaderCircle aria-hidden className={styles.turning} />,
  plain: <CirclePause aria-hidden />,
  accent: <CircleDashed aria-hidden />,
};

/** The check, in the colour of how it stands and in a shape of its own. */
export const StandingMark = ({ tone }: { tone: Tone }) => (
  <span className={`${styles.mark} ${styles[tone]}`}>{marks[tone]}</span>
);
