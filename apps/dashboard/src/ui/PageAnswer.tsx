import type { UseQueryResult } from '@tanstack/react-query';
import type { ComponentProps, ReactNode } from 'react';
import { Page } from './Page';
import { Answer, Skeleton } from './States';

/** A page of one thing: until it is there, and where it did not come, what is around it stands, and leads back. */
export function PageAnswer<T>({
  query,
  title,
  above,
  children,
}: {
  query: UseQueryResult<T>;
  /** While nothing is known of it. */
  title: string;
  above: NonNullable<ComponentProps<typeof Page>['above']>;
  children: (answer: T) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return (
    <Page title={title} above={above}>
      <Answer query={query} waiting={<Skeleton lines={6} height={28} />}>
        {children}
      </Answer>
    </Page>
  );
}
