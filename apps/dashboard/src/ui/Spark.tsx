import { roughly } from '../format';
import { t } from '../texts';
import styles from './Parts.module.css';

const [width, height] = [100, 24];

/** How many came each day, as a line with no axes: whether it goes up or down. In words, the averages of its two halves. */
export function Spark({ values }: { values: number[] }) {
  if (values.length < 2) return <span className="muted">–</span>;
  const most = Math.max(1, ...values);
  const half = Math.floor(values.length / 2);
  const points = values.map(
    (value, at) => `${(at / (values.length - 1)) * width},${height - 2 - (value / most) * (height - 4)}`,
  );
  return (
    <svg
      className={styles.spark}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t.apps.trend(values.length, roughly(mean(values.slice(0, half))), roughly(mean(values.slice(half))))}
    >
      <polyline points={points.join(' ')} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
