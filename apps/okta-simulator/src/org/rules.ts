import { mix, pick } from '../random.js';
import type { Group } from './catalogue.js';
import type { Ids } from './ids.js';
import type { Profile } from './people.js';
import { departments } from './words.js';

/** A group rule: everybody of a department is in a group, but for those who were taken out of it by hand. */
export interface Rule {
  n: number;
  id: string;
  group: number;
  department: string;
  created: number;
  lastUpdated: number;
  /** Ids of people; they stay when the people are gone. */
  excluded: Set<string>;
}

const named = departments.filter((department) => department !== '');

/** Every sixth of the org's own groups is filled by a rule. */
export function makeRules(seed: number, groups: readonly Group[], ids: Ids): Rule[] {
  return groups
    .filter(({ n, type }) => type === 'OKTA_GROUP' && mix(seed, 45, n) % 6 === 0)
    .map((group, n) => ({
      n,
      id: ids.of(n),
      group: group.n,
      department: pick(named, seed, 46, n),
      created: group.created + 3_600_000,
      lastUpdated: group.created + 7_200_000,
      excluded: new Set(),
    }));
}

export const meets = ({ department }: Rule, profile: Profile): boolean => profile.department === department;
