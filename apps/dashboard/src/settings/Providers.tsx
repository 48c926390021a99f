import { useQuery } from '@tanstack/react-query';
import { LogIn } from 'lucide-react';
import { providersQuery } from '../api/queries';
import { signInWaysQuery, type Role } from '../api/session';
import { useMay } from '../shell/context';
import { t } from '../texts';
import layout from '../ui/layout.module.css';
import { Facts, Panel } from '../ui/Parts';
import { Answer, Empty, NotAllowed } from '../ui/States';

const texts = t.settings;

/** By which ways members of the workspace sign in. */
export function Providers() {
  return useMay('admin') ? <ProviderList /> : <NotAllowed needs={texts.signInDenied} />;
}

function ProviderList() {
  const providers = useQuery(providersQuery);
  const { data: ways } = useQuery(signInWaysQuery);
  return (
    <div className={layout.wide}>
      <p className="muted">{texts.signInLead}</p>
      <Answer query={providers}>
        {(all) =>
          all.length === 0 ? (
            <Empty icon={<LogIn aria-hidden />} title={texts.noProvider}>
              {texts.noProviderText}
            </Empty>
          ) : (
            all.map(({ id, name, issuer, clientId, redirectAddress, claim, roles, roleWithoutClaim }) => (
              <Panel key={id} title={name}>
                <Facts
                  facts={[
                    [texts.issuer, issuer],
                    [texts.clientId, <code key="client">{clientId}</code>],
                    [texts.redirectAddress, <code key="address">{redirectAddress}</code>],
                    [texts.roleOfPeople, claim === null ? texts.roleByAdmin : texts.roleByClaim(claim)],
                    ...Object.entries(roles).map(([value, role]) => [value, t.shell.roles[role as Role]] as const),
                    claim !== null && [
                      texts.withoutClaim,
                      roleWithoutClaim === null ? texts.refusedWithout : t.shell.roles[roleWithoutClaim],
                    ],
                  ]}
                />
              </Panel>
            ))
          )
        }
      </Answer>
      {ways && <p className="muted">{ways.password ? texts.passwordOn : texts.passwordOff}</p>}
    </div>
  );
}
