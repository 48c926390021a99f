import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouter, type LinkProps } from '@tanstack/react-router';
import {
  Activity,
  AppWindow,
  Blocks,
  Check,
  ChevronsUpDown,
  Compass,
  Gauge,
  Layers,
  LogOut,
  Menu as MenuIcon,
  Monitor,
  Moon,
  RefreshCw,
  ScrollText,
  Settings,
  Sun,
  UserRound,
  X,
  Zap,
} from 'lucide-react';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { problemFrom } from '../api/problem';
import { connectionsQuery } from '../api/queries';
import { changeWorkspace, sessionQuery, signOut } from '../api/session';
import { t } from '../texts';
import { beginTour, useIsTouring } from '../tour/tour';
import { IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { Select } from '../ui/Select';
import { Menu } from '../ui/Menu';
import { Initials } from '../ui/Parts';
import { say, sayProblem, Toasts } from '../ui/Toasts';
import { useChosenConnection, useSession } from './context';
import { Mark } from './Mark';
import styles from './Shell.module.css';
import { applyTheme, chosenTheme, type Theme } from './theme';

const Tour = lazy(() => import('../tour/Tour'));

interface Place {
  to: LinkProps['to'];
  text: string;
  icon: ReactNode;
  isExact?: boolean;
}

const places: { title?: string; places: Place[] }[] = [
  {
    places: [
      { to: '/', text: t.shell.overview, icon: <Gauge />, isExact: true },
      { to: '/people', text: t.shell.people, icon: <UserRound /> },
      { to: '/apps', text: t.shell.apps, icon: <AppWindow /> },
    ],
  },
  {
    title: t.shell.act,
    places: [
      { to: '/actions', text: t.shell.actions, icon: <Zap /> },
      { to: '/jobs', text: t.shell.jobs, icon: <Layers /> },
      { to: '/audit', text: t.shell.audit, icon: <ScrollText /> },
    ],
  },
  {
    title: t.shell.operate,
    places: [
      { to: '/integrations', text: t.shell.integrations, icon: <Blocks /> },
      { to: '/runs', text: t.shell.runs, icon: <RefreshCw /> },
      { to: '/health', text: t.shell.health, icon: <Activity /> },
      { to: '/settings', text: t.shell.settings, icon: <Settings /> },
    ],
  },
];

/** What stands around every page: where one can go, which connection is looked at, and who one is. */
export function Shell() {
  const [isOpen, setIsOpen] = useState(false);
  const isTouring = useIsTouring();
  const router = useRouter();
  useEffect(() => router.subscribe('onResolved', () => setIsOpen(false)), [router]);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#page">
        {t.common.skip}
      </a>
      <header className={styles.bar}>
        <IconButton id="menu" label={t.shell.menu} icon={<MenuIcon />} onPress={() => setIsOpen(true)} />
        <Mark />
      </header>
      {isOpen && <div className={styles.scrim} onClick={() => setIsOpen(false)} aria-hidden />}
      <aside
        className={cx(styles.side, isOpen && styles.open)}
        onKeyDown={({ key }) => key === 'Escape' && setIsOpen(false)}
      >
        <div className={styles.sideHead}>
          <WorkspaceMenu />
          <span className={styles.closeSide}>
            <IconButton label={t.common.close} icon={<X />} size="small" onPress={() => setIsOpen(false)} />
          </span>
        </div>
        <ConnectionSwitch />
        <nav className={styles.nav} aria-label={t.shell.nav}>
          {places.map(({ title, places: group }) => (
            <div key={title ?? ''} className={styles.group}>
              {title && <h2 className={styles.groupTitle}>{title}</h2>}
              {group.map(({ to, text, icon, isExact = false }) => (
                <Link
                  key={to}
                  to={to}
                  className={styles.place}
                  activeProps={{ className: styles.here, 'aria-current': 'page' }}
                  activeOptions={{ exact: isExact, includeSearch: false }}
                >
                  {icon}
                  {text}
                </Link>
              ))}
            </div>
          ))}
        </nav>
        <div className={styles.sideFoot}>
          <AccountMenu />
        </div>
      </aside>
      <main id="page" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <Toasts />
      {isTouring && (
        <Suspense>
          <Tour />
        </Suspense>
      )}
    </div>
  );
}

function WorkspaceMenu() {
  const { workspace, workspaces } = useSession();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const change = async (id: string) => {
    try {
      await changeWorkspace(id);
      await navigate({ to: '/', search: {} });
      await cache.resetQueries();
      say(t.shell.changedWorkspace);
    } catch (error) {
      sayProblem(problemFrom(error));
    }
  };
  const name = (
    <>
      <Mark isSmall />
      <span className={styles.workspaceName}>{workspace.name}</span>
    </>
  );
  if (workspaces.length < 2) return <div className={styles.workspace}>{name}</div>;
  return (
    <Menu
      label={t.shell.workspaces}
      trigger={
        <AriaButton className={styles.workspace} aria-label={`${t.shell.workspace}: ${workspace.name}`}>
          {name}
          <ChevronsUpDown aria-hidden />
        </AriaButton>
      }
      choices={workspaces.map(({ id, name: text, role }) => ({
        id,
        text,
        detail: t.shell.roles[role],
        icon: id === workspace.id ? <Check /> : <span className={styles.noIcon} />,
        onChoose: () => void change(id),
      }))}
    />
  );
}

const everyone = 'all';

function ConnectionSwitch() {
  const { data = [] } = useQuery(connectionsQuery);
  const chosen = useChosenConnection();
  const navigate = useNavigate();
  if (data.length === 0) return null;
  return (
    <Select
      label={t.shell.connection}
      look="bare"
      value={chosen ?? everyone}
      options={[
        { id: everyone, text: t.shell.allConnections },
        ...data.map(({ id, name, orgUrl, removedAt }) => ({
          id,
          text: name,
          detail: removedAt ? t.shell.removedConnection : orgUrl.replace(/^https?:\/\//, ''),
        })),
      ]}
      onChange={(id) =>
        void navigate({ to: '.', search: (before) => ({ ...before, connection: id === everyone ? undefined : id }) })
      }
    />
  );
}

const themeIcons: Record<Theme, ReactNode> = { system: <Monitor />, light: <Sun />, dark: <Moon /> };

function AccountMenu() {
  const { person, role } = useSession();
  const cache = useQueryClient();
  const [theme, setTheme] = useState(chosenTheme);
  const choose = (chosen: Theme) => {
    applyTheme(chosen);
    setTheme(chosen);
  };
  const leave = async () => {
    try {
      await signOut();
    } finally {
      cache.clear();
      await cache.resetQueries({ queryKey: sessionQuery.queryKey });
      window.location.assign('/sign-in');
    }
  };
  return (
    <Menu
      label={t.shell.account}
      trigger={
        <AriaButton id="account" className={styles.account}>
          <Initials name={person.name} />
          <span className={styles.accountText}>
            <span>{person.name}</span>
            <small>{t.shell.roles[role]}</small>
          </span>
          <ChevronsUpDown aria-hidden />
        </AriaButton>
      }
      choices={[
        ...(['system', 'light', 'dark'] as const).map((id) => ({
          id,
          text: `${t.shell.theme}: ${t.shell.themes[id]}`,
          icon: id === theme ? <Check /> : themeIcons[id],
          onChoose: () => choose(id),
        })),
        null,
        { id: 'tour', text: t.tour.again, icon: <Compass />, onChoose: beginTour },
        { id: 'sign-out', text: t.shell.signOut, detail: person.email, icon: <LogOut />, onChoose: () => void leave() },
      ]}
    />
  );
}
