import { lazy, Suspense, type ComponentProps, type ReactNode } from 'react';
import { Skeleton } from '../ui/States';

/** The drawings, which come when the rest of the page is there. */
const LazySignIns = lazy(() => import('./SignIns'));
const LazyCalendar = lazy(() => import('./Calendar'));
const LazyHours = lazy(() => import('./Hours'));
const LazyActive = lazy(() => import('./Active'));

/** Where a drawing will be, so that nothing jumps when it comes. */
const Place = ({ height, line = 18, children }: { height: number; line?: number; children: ReactNode }) => (
  <div style={{ minHeight: height }}>
    <Suspense fallback={<Skeleton lines={5} height={line} />}>{children}</Suspense>
  </div>
);

export const SignIns = (props: ComponentProps<typeof LazySignIns>) => (
  <Place height={props.height ?? 190}>
    <LazySignIns {...props} />
  </Place>
);

export const Calendar = (props: ComponentProps<typeof LazyCalendar>) => (
  <Place height={131} line={14}>
    <LazyCalendar {...props} />
  </Place>
);

export const Hours = (props: ComponentProps<typeof LazyHours>) => (
  <Place height={206}>
    <LazyHours {...props} />
  </Place>
);

export const Active = (props: ComponentProps<typeof LazyActive>) => (
  <Place height={210}>
    <LazyActive {...props} />
  </Place>
);

export { everyDay, summed, type Day } from './days';
export { averageOf, averagesOf, busiestOf, hourName, weekendOf } from './week';
