import type { ReactNode } from 'react';
import { Menu as AriaMenu, MenuItem as AriaMenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { cx } from './cx';
import styles from './Overlay.module.css';

export interface Choice {
  id: string;
  text: string;
  icon?: ReactNode;
  detail?: string;
  isDangerous?: boolean;
  isDisabled?: boolean;
  onChoose: () => void;
}

/** A button with a list of things to do. `null` among the choices draws a line. */
export function Menu({ trigger, choices, label }: { trigger: ReactNode; choices: (Choice | null)[]; label: string }) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover} placement="bottom end">
        <AriaMenu className={styles.menu} aria-label={label}>
          {choices.map((choice, place) =>
            choice === null ? (
              // The lines have no name but their place.
              // oxlint-disable-next-line react/no-array-index-key
              <Separator key={`line-${place}`} className={styles.line} />
            ) : (
              <AriaMenuItem
                key={choice.id}
                id={choice.id}
                textValue={choice.text}
                isDisabled={choice.isDisabled ?? false}
                onAction={choice.onChoose}
                className={cx(styles.item, choice.isDangerous && styles.dangerous)}
              >
                {choice.icon}
                <span className={styles.itemText}>
                  {choice.text}
                  {choice.detail && <small>{choice.detail}</small>}
                </span>
              </AriaMenuItem>
            ),
          )}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
