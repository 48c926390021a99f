import { CircleAlert, CircleCheck, X } from 'lucide-react';
import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import type { ProblemError } from '../api/problem';
import { t } from '../texts';
import { cx } from './cx';
import styles from './Toasts.module.css';

interface Said {
  text: string;
  detail?: string;
  isProblem?: boolean;
  /** One thing to do about it, such as to take it back. */
  next?: { text: string; onChoose: () => void };
}

const queue = new ToastQueue<Said>({ maxVisibleToasts: 4 });
const readingMs = 7_000;

/** Says what came of something, beside the page. A problem stays until it is closed. */
export function say(text: string, more: Omit<Said, 'text'> = {}): void {
  queue.add({ text, ...more }, more.isProblem ? {} : { timeout: readingMs });
}

export function sayProblem({ problem }: ProblemError): void {
  const { title, detail, remedy, traceId } = problem;
  const said = [detail, remedy && `${t.common.remedy} ${remedy}`, traceId && t.common.trace(traceId)];
  say(title, { detail: said.filter(Boolean).join(' '), isProblem: true });
}

export function Toasts() {
  return (
    <ToastRegion queue={queue} className={styles.region} aria-label={t.common.messages}>
      {({ toast }) => (
        <Toast toast={toast} className={cx(styles.toast, toast.content.isProblem && styles.problem)}>
          {toast.content.isProblem ? <CircleAlert aria-hidden /> : <CircleCheck aria-hidden />}
          <ToastContent className={styles.content}>
            <Text slot="title" className={styles.title}>
              {toast.content.text}
            </Text>
            {toast.content.detail && <Text slot="description">{toast.content.detail}</Text>}
          </ToastContent>
          {toast.content.next && (
            <Button
              className={styles.next}
              onPress={() => {
                toast.content.next?.onChoose();
                queue.close(toast.key);
              }}
            >
              {toast.content.next.text}
            </Button>
          )}
          <Button slot="close" aria-label={t.common.close} className={styles.close}>
            <X aria-hidden />
          </Button>
        </Toast>
      )}
    </ToastRegion>
  );
}
