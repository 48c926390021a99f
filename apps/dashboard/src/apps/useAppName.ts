import { useQuery } from '@tanstack/react-query';
import { appQuery } from '../api/queries';
import { oktaItself, usualWindow } from '../domain';
import { t } from '../texts';

/** What an app is called; its id while that is not known. */
export function useAppName(connection: string | undefined, app: string): string {
  const { data } = useQuery({
    ...appQuery(connection ?? '', app, usualWindow),
    enabled: connection !== undefined && app !== '' && app !== oktaItself,
  });
  if (app === oktaItself) return t.app.okta;
  return data?.app.id === app ? data.app.label : app;
}
