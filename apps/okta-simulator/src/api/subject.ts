import { iso } from '../iso.js';
import type { Person } from '../org/people.js';
import type { Simulation } from '../simulation.js';
import type { Attributes } from './scim-filter.js';

/** The person whom a search looks at: each attribute is made only when it is asked for. */
export class Subject {
  private n = 0;
  private known: Person | undefined;
  private readonly attributes: Attributes;

  constructor(
    private readonly simulation: Simulation,
    private readonly at: number,
  ) {
    this.attributes = (attribute) => this.attribute(attribute);
  }

  /** The attributes of another one; those of the one before are no longer to be asked for. */
  of(n: number): Attributes {
    this.n = n;
    this.known = undefined;
    return this.attributes;
  }

  private attribute(attribute: string): unknown {
    const { n } = this;
    const { people, directory } = this.simulation.org;
    if (attribute === 'id') return people.ids.of(n);
    if (attribute === 'status') return directory.status(n, this.at);
    if (attribute === 'type.id') return this.simulation.bodies.type;
    const isAsMade = !directory.isChanged(n);
    if (isAsMade && attribute === 'lastUpdated') return iso(people.lastUpdated(n));
    if (isAsMade && attribute === 'created') return iso(people.created(n));
    if (attribute.startsWith('profile.')) {
      const name = attribute.slice('profile.'.length);
      return isAsMade ? people.attribute(n, name) : this.person().profile[name];
    }
    const value = (this.person() as unknown as Record<string, unknown>)[attribute];
    return typeof value === 'number' ? iso(value) : value;
  }

  private person(): Person {
    this.known ??= this.simulation.org.directory.lastKnown(this.n, this.at);
    return this.known;
  }
}
