import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { Dialog, Heading, Popover, type PopoverProps } from 'react-aria-components';
import { t } from '../texts';
import { Button } from '../ui/Button';
import styles from './Tour.module.css';
import { endTour } from './tour';

type Placement = NonNullable<PopoverProps['placement']>;

const oneColumn = '(max-width: 980px)';

interface Step {
  id: keyof typeof t.tour.steps;
  /** What it points at: the first of these that is to be seen. On a phone the places are behind the menu. */
  at: string[];
  placement: Placement;
  /** Where the page has one column. */
  narrow?: Placement;
}

const steps: Step[] = [
  { id: 'seats', at: ['#seats', '#page h1'], placement: 'bottom end' },
  { id: 'unused', at: ['#most-unused', '#page h1'], placement: 'right top', narrow: 'top start' },
  { id: 'act', at: ['aside a[href^="/actions"]', '#menu'], placement: 'right top' },
  { id: 'orgs', at: ['aside a[href^="/integrations"]', '#menu'], placement: 'right top' },
  { id: 'again', at: ['#account', '#menu'], placement: 'top start' },
];

/** Shows somebody around, beside a page that they can use meanwhile. */
export default function Tour() {
  const [at, setAt] = useState(0);
  const step = steps[at]!;
  const target = useTarget(step.at);
  const pointed = useMemo(() => ({ current: target ?? null }), [target]);
  const navigate = useNavigate();
  useEffect(() => void navigate({ to: '/' }), [navigate]);
  useEffect(() => {
    const leave = ({ key }: KeyboardEvent) => key === 'Escape' && end();
    document.addEventListener('keydown', leave);
    return () => document.removeEventListener('keydown', leave);
  }, []);
  if (!target) return null;
  const { title, text } = t.tour.steps[step.id];
  const isLast = at === steps.length - 1;
  return (
    <Popover
      key={step.id}
      triggerRef={pointed}
      isOpen
      isNonModal
      isKeyboardDismissDisabled
      placement={(globalThis.matchMedia(oneColumn).matches && step.narrow) || step.placement}
      offset={10}
      className={styles.tour}
    >
      <Dialog className={styles.step}>
        <Heading slot="title">{title}</Heading>
        <p>{text}</p>
        <footer className={styles.foot}>
          <span className="muted">{t.tour.place(at + 1, steps.length)}</span>
          {!isLast && (
            <Button size="small" look="quiet" onPress={end}>
              {t.tour.skip}
            </Button>
          )}
          {at > 0 && (
            <Button size="small" onPress={() => setAt(at - 1)}>
              {t.tour.back}
            </Button>
          )}
          <Button size="small" look="primary" autoFocus onPress={isLast ? end : () => setAt(at + 1)}>
            {isLast ? t.tour.end : t.tour.next}
          </Button>
        </footer>
      </Dialog>
    </Popover>
  );
}

function end(): void {
  endTour();
  document.getElementById('page')?.focus();
}

/** The element that a step points at, as soon as it is there; it is marked while it is. */
function useTarget(at: string[]): Element | undefined {
  const [target, setTarget] = useState<Element>();
  useEffect(() => {
    const look = () =>
      setTarget(
        at
          .map((selector) => document.querySelector(selector))
          .find((element) => element?.checkVisibility({ visibilityProperty: true })) ?? undefined,
      );
    look();
    const watcher = new MutationObserver(look);
    watcher.observe(document.body, { childList: true, subtree: true });
    return () => watcher.disconnect();
  }, [at]);
  useEffect(() => {
    target?.scrollIntoView({ block: 'nearest' });
    target?.classList.add(styles.pointed!);
    return () => target?.classList.remove(styles.pointed!);
  }, [target]);
  return target;
}
