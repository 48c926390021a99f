import './styles/base.css';
import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider as AriaRouterProvider } from 'react-aria-components';
import { problemFrom, ProblemError } from './api/problem';
import { sessionQuery } from './api/session';
import { router } from './router';
import { applyTheme } from './shell/theme';

applyTheme();

const triesMost = 2;
const cache = new QueryClient({
  queryCache: new QueryCache({
    onError(error, { queryKey }) {
      // Whose session has ended is asked to sign in, whatever they were looking at.
      const isSignedOut = problemFrom(error).status === 401 && queryKey[0] !== sessionQuery.queryKey[0];
      if (isSignedOut) void cache.resetQueries({ queryKey: sessionQuery.queryKey });
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the API refused by its own word it will refuse again.
      retry: (failures, error) =>
        failures < triesMost && (!(error instanceof ProblemError) || error.status === 0 || error.status >= 502),
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={cache}>
      <AriaRouterProvider navigate={(href) => void router.navigate({ href })}>
        <RouterProvider router={router} />
      </AriaRouterProvider>
    </QueryClientProvider>
  </StrictMode>,
);
