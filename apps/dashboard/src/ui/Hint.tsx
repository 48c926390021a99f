import type { ReactElement } from 'react';
import { Focusable, Tooltip, TooltipTrigger } from 'react-aria-components';
import { cx } from './cx';
import styles from './Hint.module.css';

/** Says more about a control when it is hovered or focused. */
export function Hint({ text, children }: { text: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={350} closeDelay={80}>
      {children}
      <Tooltip className={styles.hint} offset={6}>
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}

/** Text that has more to say, such as a moment with its exact time; reached by the keyboard as well. */
export function Explained({
  text,
  children,
  className,
}: {
  text: string;
  children: React.ReactNode;
  className?: string;
}) {
  return (
    <Hint text={text}>
      <Focusable>
        <span role="note" tabIndex={0} className={cx(styles.explained, className)}>
          {children}
        </span>
      </Focusable>
    </Hint>
  );
}
