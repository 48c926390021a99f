import { plural } from './plural';

export const overview = {
  overview: {
    title: 'Overview',
    okta: 'Okta seats',
    oktaText: (share: string, window: number) => `${share} unused for ${plural(window, 'day')}`,
    people: 'People',
    apps: 'Apps',
    assignments: 'Assignments',
    signIns: 'Sign-ins',
    within: (window: number) => `in ${plural(window, 'day')}`,
    active: (count: string) => `${count} active`,
    unattributed: (count: string) => `${count} to apps the log does not name`,
    byStatus: 'People by status',
    mostUnused: 'Apps with most unused seats',
    allApps: 'All apps',
    perDay: 'Sign-ins to Okta by day',
    attention: 'How it stands',
    calm: 'Nothing needs you now',
    calmText: 'All orgs are synced, no sync waits, and no job waits for approval.',
    lately: 'Latest actions',
    allActions: 'All actions',
    nothingDone: 'Nothing was done from here yet.',
    welcome: 'See who is in Okta, and who really uses it',
    welcomeText:
      'Connect an Okta org. Seatwise mirrors its people, groups and apps, reads who signs in, and shows which licensed seats nobody uses.',
    connect: 'Connect an Okta org',
    used: 'used',
    unused: 'unused',
    jobWaits: (title: string, count: string) =>
      `${title} for ${count} ${count === '1' ? 'person' : 'people'} waits for approval`,
    unknownActions: 'It is not known how this action ended',
    incomplete: 'Not all figures are complete yet: an org is still being read.',
    legend: 'Bars: sign-ins. Line: people.',
  },
};
