import { lazy, Suspense, type ComponentProps } from 'react';
import { Skeleton } from '../ui/States';

/** The drawings, which come when the rest of the page is there. */
const LazySignIns = lazy(() => import('./SignIns'));
const LazyCalendar = lazy(() => import('./Calendar'));

export const SignIns = (props: ComponentProps<typeof LazySignIns>) => (
  <div style={{ minHeight: props.height ?? 190 }}>
    <Suspense fallback={<Skeleton lines={5} height={18} />}>
      <LazySignIns {...props} />
    </Suspense>
  </div>
);

export const Calendar = (props: ComponentProps<typeof LazyCalendar>) => (
  <div style={{ minHeight: 131 }}>
    <Suspense fallback={<Skeleton lines={5} height={14} />}>
      <LazyCalendar {...props} />
    </Suspense>
  </div>
);

export { everyDay, summed, type Day } from './days';
