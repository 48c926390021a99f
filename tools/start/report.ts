import type { RunDto, StageKind, SummaryDto } from '@seatwise/contracts';

const stageNames: Record<StageKind, string> = {
  people: 'people',
  deprovisioned_people: 'deprovisioned',
  groups: 'groups',
  apps: 'apps',
  memberships: 'memberships',
  assignments: 'assignments',
  group_assignments: 'group assignments',
  sign_ins: 'log events',
  sweep: 'swept',
};

const number = (value: number) => value.toLocaleString('en');

/** One line that says how far a run is. */
export function progressLine(run: RunDto): string {
  const stages = run.stages
    .filter((stage) => stage.seen > 0)
    .map(
      (stage) =>
        `${stageNames[stage.kind]} ${number(stage.seen)}${stage.tasks > 1 ? ` (${stage.tasksDone}/${stage.tasks})` : ''}`,
    );
  const waited = run.waitedMs > 1000 ? ` · waited ${Math.round(run.waitedMs / 1000)} s for rate limits` : '';
  return `Syncing: ${stages.join(' · ') || 'starting'}${waited}`;
}

/** What came of a sync, for a person to read. */
export function summaryText(summary: SummaryDto): string {
  const statuses = Object.entries(summary.peopleByStatus).sort(([, a], [, b]) => b - a);
  const rows = summary.mostUnused.map((app) => [
    app.label.length > 40 ? `${app.label.slice(0, 39)}…` : app.label,
    number(app.unused),
    number(app.seats),
  ]);
  return [
    `People        ${number(summary.people)}`,
    ...statuses.map(([status, count]) => `  ${status.padEnd(17)}${number(count).padStart(9)}`),
    `Okta seats    ${number(summary.okta.seats)}, unused for 30 days: ${number(summary.okta.unused)}`,
    `Apps          ${number(summary.apps)}`,
    `Assignments   ${number(summary.assignments)}`,
    `Sign-ins      ${number(summary.signIns)} in 30 days${summary.unattributed ? `, and ${number(summary.unattributed)} to apps the log does not name` : ''}`,
    '',
    `${'Most unused seats'.padEnd(42)}${'unused'.padStart(10)}${'seats'.padStart(10)}`,
    ...rows.map(
      ([label = '', unused = '', seats = '']) => `  ${label.padEnd(40)}${unused.padStart(10)}${seats.padStart(10)}`,
    ),
  ].join('\n');
}
