import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Dialog as AriaDialog,
  Heading,
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  MenuTrigger,
  Modal,
  ModalOverlay,
  Popover,
  Separator,
} from 'react-aria-components';
import { t } from '../texts';
import { IconButton } from './Button';
import { cx } from './cx';
import styles from './Overlay.module.css';

/** A window above the page. `side`: one that slides in from the right, for what goes with a row. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  footer,
  shape = 'window',
  isBusy = false,
}: {
  title: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  shape?: 'window' | 'wide' | 'side';
  /** It can't be left by Escape or by the scrim. */
  isBusy?: boolean;
}) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isBusy}
      isKeyboardDismissDisabled={isBusy}
      className={cx(styles.scrim, shape === 'side' && styles.sideScrim)}
    >
      <Modal className={cx(styles.modal, styles[shape])}>
        <AriaDialog className={styles.dialog}>
          <header className={styles.head}>
            <Heading slot="title" className={styles.title}>
              {title}
            </Heading>
            <IconButton label={t.common.close} icon={<X />} size="small" onPress={onClose} isDisabled={isBusy} />
          </header>
          {/* What is only read, and longer than the window, is scrolled by the keyboard too. */}
          <div className={styles.body} tabIndex={0}>
            {children}
          </div>
          {footer && <footer className={styles.foot}>{footer}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

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
