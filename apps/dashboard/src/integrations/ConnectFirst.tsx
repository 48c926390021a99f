import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { connectionsQuery } from '../api/queries';
import { useMay } from '../shell/context';
import { t } from '../texts';
import { ButtonLink } from '../ui/Button';
import { Empty } from '../ui/States';

/** There is nothing; where that is because no org is connected, with the way to the first one for whoever may go it. */
export function ConnectFirst({ icon, title, children }: { icon?: ReactNode; title: string; children: ReactNode }) {
  const { data: connections } = useQuery(connectionsQuery);
  const isAdmin = useMay('admin');
  return (
    <Empty
      icon={icon}
      title={title}
      action={
        isAdmin &&
        connections?.length === 0 && (
          <ButtonLink to="/integrations/okta/connect" look="primary">
            {t.overview.connect}
          </ButtonLink>
        )
      }
    >
      {children}
    </Empty>
  );
}
