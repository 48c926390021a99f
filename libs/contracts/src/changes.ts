import { IsBoolean, IsIn, IsInt, Matches } from 'class-validator';
import { IsBatchOf } from './batch.js';
import { personStatuses, type DirectoryKind, type PersonStatus } from './directory.js';
import { InConnection, IsNullable, IsOktaId, IsText } from './fields.js';
import { event, type EventType, type Plain } from './message.js';

/** What one message carries at most. */
export const mostChanges = 1_000;

const links = /^[A-Za-z0-9_-]{1,64}\|[A-Za-z0-9_-]{1,64}$/;
/** Two ids of Okta's with `|` between them. */
const IsLink = (): PropertyDecorator =>
  Matches(links, { message: ({ property }) => `${property} must be two ids of Okta's with | between them` });

/**
 * Each thing of the mirror carries a version `v` that grows with every change of it, removals and returns included.
 * A copy applies a change only when its version is newer than what it has, so order and repetition do not matter.
 */
class Change {
  @IsInt()
  v!: number;
}

/** Somebody as they are now. Who is gone from Okta has the status `deleted`. */
export class PersonChange extends Change {
  @IsOktaId()
  id!: string;
  @IsIn(personStatuses)
  status!: PersonStatus;
  @IsText(300)
  login!: string;
  @IsText(300)
  email!: string;
  @IsText(300)
  name!: string;
  /** Moments are epoch milliseconds. */
  @IsNullable()
  @IsInt()
  created!: number | null;
}

/** An app as it is now. */
export class AppChange extends Change {
  @IsOktaId()
  id!: string;
  @IsText(300)
  label!: string;
  @IsText(300)
  name!: string;
  @IsText(30)
  status!: string;
  @IsBoolean()
  removed!: boolean;
}

/** A person's assignment to an app as it is now. */
export class AssignmentChange extends Change {
  /** `{app}|{person}` */
  @IsLink()
  id!: string;
  @IsIn(['USER', 'GROUP'])
  scope!: 'USER' | 'GROUP';
  @IsText(30)
  status!: string;
  /** One granting group, where Okta names it. */
  @IsNullable()
  @IsOktaId()
  group!: string | null;
  @IsNullable()
  @IsInt()
  created!: number | null;
  @IsBoolean()
  removed!: boolean;
}

/** A group as it is now. */
export class GroupChange extends Change {
  @IsOktaId()
  id!: string;
  @IsText(300)
  name!: string;
  @IsText(30)
  type!: string;
  @IsBoolean()
  removed!: boolean;
}

/** Whether a person is in a group now. */
export class MembershipChange extends Change {
  /** `{group}|{person}` */
  @IsLink()
  id!: string;
  @IsBoolean()
  removed!: boolean;
}

/** Whether an app is assigned to a group now. */
export class GroupAssignmentChange extends Change {
  /** `{app}|{group}` */
  @IsLink()
  id!: string;
  @IsBoolean()
  removed!: boolean;
}

/** People who changed by one page of a sync, or by what Okta showed of them. */
export class PersonChangedV1 extends InConnection {
  @IsIn(['person'])
  kind!: 'person';
  @IsBatchOf(PersonChange, mostChanges)
  changes!: PersonChange[];
}

/** Apps that changed by one page of a sync. */
export class AppChangedV1 extends InConnection {
  @IsIn(['app'])
  kind!: 'app';
  @IsBatchOf(AppChange, mostChanges)
  changes!: AppChange[];
}

/** Assignments of people to apps that changed by one page of a sync, or by what Okta showed of them. */
export class AssignmentChangedV1 extends InConnection {
  @IsIn(['assignment'])
  kind!: 'assignment';
  @IsBatchOf(AssignmentChange, mostChanges)
  changes!: AssignmentChange[];
}

/** Groups that changed by one page of a sync. */
export class GroupChangedV1 extends InConnection {
  @IsIn(['group'])
  kind!: 'group';
  @IsBatchOf(GroupChange, mostChanges)
  changes!: GroupChange[];
}

/** Memberships that changed by one page of a sync, or by what Okta showed of them. */
export class MembershipChangedV1 extends InConnection {
  @IsIn(['membership'])
  kind!: 'membership';
  @IsBatchOf(MembershipChange, mostChanges)
  changes!: MembershipChange[];
}

/** Assignments of apps to groups that changed by one page of a sync. */
export class GroupAssignmentChangedV1 extends InConnection {
  @IsIn(['group-assignment'])
  kind!: 'group-assignment';
  @IsBatchOf(GroupAssignmentChange, mostChanges)
  changes!: GroupAssignmentChange[];
}

/** What is told of each kind of thing. */
export interface ChangedOf {
  person: PersonChangedV1;
  app: AppChangedV1;
  assignment: AssignmentChangedV1;
  group: GroupChangedV1;
  membership: MembershipChangedV1;
  'group-assignment': GroupAssignmentChangedV1;
}
/** One change of each kind of thing. */
export type ChangeOf = { [K in DirectoryKind]: Plain<ChangedOf[K]['changes'][number]> };

/** One for each kind, so that whoever listens chooses by subject: `person.changed`, `group-assignment.changed` and so on. */
export const directoryChanged: { [K in DirectoryKind]: EventType<ChangedOf[K]> } = {
  person: event('person.changed', 1, PersonChangedV1),
  app: event('app.changed', 1, AppChangedV1),
  assignment: event('assignment.changed', 1, AssignmentChangedV1),
  group: event('group.changed', 1, GroupChangedV1),
  membership: event('membership.changed', 1, MembershipChangedV1),
  'group-assignment': event('group-assignment.changed', 1, GroupAssignmentChangedV1),
};
