import './styles/base.css';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider as AriaRouterProvider } from 'react-aria-components';
import { problemFrom, ProblemError } from './api/problem';
import { sessionOverKey, sessionQuery } from './api/session';
import { router } from './router';
import { applyTheme } from './shell/theme';

applyTheme();

const triesMost = 2;
/** Whose session has ended is asked to sign in, whatever they were looking at or doing. */
function askToSignIn(error: unknown) {
  if (problemFrom(error).status !== 401 || cache.getQueryData(sessionQuery.queryKey) === undefined) return;
  cache.setQueryData(sessionOverKey, true);
  void cache.resetQueries({ queryKey: sessionQuery.queryKey });
}
const cache: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: askToSignIn }),
  mutationCache: new MutationCache({ onError: askToSignIn }),
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
