import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Layers, Plus } from 'lucide-react';
import { jobsQuery } from '../api/queries';
import { jobTone, type Job } from '../domain';
import { number } from '../format';
import { useChosenConnection, useMay } from '../shell/context';
import { t } from '../texts';
import { ButtonLink } from '../ui/Button';
import { rowLink, twoLines, type Column } from '../ui/DataTable';
import layout from '../ui/layout.module.css';
import { Page } from '../ui/Page';
import { PagedTable } from '../ui/PagedTable';
import { Badge, Meter, Moment, Notice } from '../ui/Parts';
import { Empty } from '../ui/States';

export default function Jobs() {
  const connection = useChosenConnection();
  const jobs = useInfiniteQuery({ ...jobsQuery({ connection }), refetchInterval: 5_000 });
  const mayAct = useMay('operator');
  const waiting = jobs.data?.pages.flatMap(jobsOf).filter(({ state }) => state === 'waiting_for_approval').length ?? 0;
  return (
    <Page
      isFilled
      title={texts.title}
      lead={texts.lead}
      actions={
        mayAct && (
          <ButtonLink to="/jobs/new" look="primary" icon={<Plus />} search={connection ? { in: connection } : {}}>
            {texts.new}
          </ButtonLink>
        )
      }
    >
      {waiting > 0 && <Notice tone="warn" title={texts.approvals(waiting)} />}
      <PagedTable
        query={jobs}
        rowsOf={jobsOf}
        label={texts.title}
        columns={columns}
        keyOf={({ id }) => id}
        nameOf={({ action }) => t.actionTitles[action]}
        empty={
          <Empty icon={<Layers aria-hidden />} title={texts.none}>
            {texts.noneText}
          </Empty>
        }
      />
    </Page>
  );
}

const jobsOf = ({ jobs }: { jobs: Job[] }) => jobs;
export const endedOf = ({ counts }: Job): number => counts.total - counts.waiting - counts.running;

const texts = t.jobs;
const columns: Column<Job>[] = [
  {
    id: 'action',
    title: texts.action,
    width: 'minmax(190px, 1.2fr)',
    isNarrow: true,
    cell: ({ id, action, counts, reason }) => (
      <span className={twoLines}>
        <Link to="/jobs/$bulk" params={{ bulk: id }} className={rowLink}>
          {t.actionTitles[action]}
        </Link>
        <small className="onlyNarrow muted">{`${t.common.people(counts.total)} · ${reason}`}</small>
      </span>
    ),
  },
  { id: 'people', title: texts.people, width: '90px', isNumber: true, cell: ({ counts }) => number(counts.total) },
  {
    id: 'state',
    title: texts.state,
    width: 'minmax(150px, 0.8fr)',
    isNarrow: true,
    cell: ({ state }) => <Badge tone={jobTone[state]}>{t.jobStates[state]}</Badge>,
  },
  {
    id: 'progress',
    title: texts.progress,
    width: 'minmax(120px, 1fr)',
    cell: (job) => <Meter value={endedOf(job)} max={job.counts.total} label={texts.progress} />,
  },
  {
    id: 'reason',
    title: texts.reason,
    width: 'minmax(140px, 1.2fr)',
    cell: ({ reason }) => <span className={layout.soft}>{reason}</span>,
  },
  { id: 'when', title: texts.when, width: '130px', cell: ({ createdAt }) => <Moment at={createdAt} /> },
];
