import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useCallback, useMemo, type ReactNode } from 'react';
import { problemFrom } from '../api/problem';
import { DataTable, type Column } from './DataTable';
import { NotAllowed, ProblemView, Skeleton } from './States';

/** A paged answer as a table, with what there is to show while it is not there. */
export function PagedTable<Page, Row>({
  query,
  rowsOf,
  ...table
}: {
  query: UseInfiniteQueryResult<InfiniteData<Page>>;
  rowsOf: (page: Page) => Row[];
  label: string;
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  nameOf: (row: Row) => string;
  empty: ReactNode;
}) {
  const { fetchNextPage } = query;
  const more = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const rows = useMemo(() => query.data?.pages.flatMap(rowsOf) ?? [], [query.data, rowsOf]);
  if (query.isError) {
    const { status, problem } = problemFrom(query.error);
    return status === 403 ? (
      <NotAllowed needs={problem.detail} />
    ) : (
      <ProblemView error={query.error} onRetry={() => void query.refetch()} />
    );
  }
  if (query.isPending) return <Skeleton lines={12} height={22} />;
  return (
    <DataTable<Row>
      {...table}
      rows={rows}
      hasMore={query.hasNextPage}
      isLoadingMore={query.isFetchingNextPage}
      onMore={more}
      isDimmed={query.isPlaceholderData}
    />
  );
}
