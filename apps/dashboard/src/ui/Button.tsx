import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps, ToggleButton } from 'react-aria-components';
import { createLink, type LinkComponent } from '@tanstack/react-router';
import { t } from '../texts';
import styles from './Button.module.css';
import { cx } from './cx';
import { Hint } from './Hint';

interface Looks {
  look?: 'plain' | 'primary' | 'quiet' | 'danger';
  size?: 'usual' | 'small';
  icon?: ReactNode;
}

const classOf = ({ look = 'plain', size = 'usual' }: Looks): string => cx(styles.button, styles[look], styles[size]);

export type ButtonProps = Omit<AriaButtonProps, 'children' | 'className'> & Looks & { children: ReactNode };

/** While it is pending it keeps the focus and does nothing. */
export function Button({ look, size, icon, children, isPending = false, onPress, type, ...rest }: ButtonProps) {
  return (
    <AriaButton
      {...rest}
      type={isPending ? 'button' : (type ?? 'button')}
      {...(onPress && !isPending && { onPress })}
      aria-disabled={isPending || undefined}
      className={cx(classOf({ look, size }), isPending && styles.pending)}
    >
      {isPending ? <span className={styles.spinner} role="img" aria-label={t.common.loading} /> : icon}
      {children}
    </AriaButton>
  );
}

/** A button that is an icon alone; its name is its hint. */
export function IconButton({
  label,
  look = 'quiet',
  size,
  icon,
  ...rest
}: Omit<ButtonProps, 'children'> & { label: string }) {
  return (
    <Hint text={label}>
      <AriaButton {...rest} aria-label={label} className={cx(classOf({ look, size }), styles.square)}>
        {icon}
      </AriaButton>
    </Hint>
  );
}

function PlainLink({ look, size, icon, children, ...rest }: Looks & React.ComponentProps<'a'>) {
  return (
    <a {...rest} className={classOf({ look, size })}>
      {icon}
      {children}
    </a>
  );
}
/** Brings a file. */
export const FileLink = (props: React.ComponentProps<typeof PlainLink>) => <PlainLink {...props} download />;

/** A link to another page that looks like a button. */
export const ButtonLink: LinkComponent<typeof PlainLink> = createLink(PlainLink);

/** One choice of few, side by side. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onChange: (value: T) => void;
}) {
  return (
    <div className={styles.segments} role="group" aria-label={label}>
      {options.map(([option, text]) => (
        <ToggleButton
          key={option}
          className={styles.segment}
          isSelected={option === value}
          onChange={() => onChange(option)}
        >
          {text}
        </ToggleButton>
      ))}
    </div>
  );
}
