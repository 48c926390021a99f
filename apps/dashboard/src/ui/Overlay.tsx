import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
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
  isKept = false,
}: {
  title: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  footer?: ReactNode;
  shape?: 'window' | 'wide' | 'side';
  /** It can't be left by Escape or by the scrim. */
  isBusy?: boolean;
  /** It is left by its buttons alone: what it shows is shown once. */
  isKept?: boolean;
}) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isBusy && !isKept}
      isKeyboardDismissDisabled={isBusy || isKept}
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
