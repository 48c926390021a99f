import { readFileSync } from 'node:fs';
import { actionCatalogue, actionNames, fieldsOf, refusalsOfAll, scopeOf, userStatuses } from '@seatwise/contracts';

const page = readFileSync('docs/actions.md', 'utf8');

/** The cells of the table's row of each action. */
const rows = new Map(
  page
    .split('\n')
    .filter((line) => line.startsWith('| `') && line.includes('okta.'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, name = '', ...cells]) => [name.replaceAll('`', ''), cells]),
);

function statusesOf(cell: string): string[] {
  const named = userStatuses.filter((status) => new RegExp(`\\b${status}\\b`).test(cell));
  return cell.startsWith('any') ? userStatuses.filter((status) => !named.includes(status)) : named;
}

const codesIn = (text: string): string[] => [...text.matchAll(/`(\w+)`/g)].map(([, code = '']) => code);

describe('the table of actions in the documentation', () => {
  it('has all of them', () => expect([...rows.keys()]).toEqual(actionNames));

  it('is followed by the refusals of all', () => {
    const [, sentence = ''] = /Any of them may be refused(.*?)\n\n/s.exec(page) ?? [];
    expect(codesIn(sentence)).toEqual([...refusalsOfAll]);
  });

  it.each(actionNames)('says of %s what the catalogue says', (action) => {
    const [scope, statuses = '', parameters = '', undo, refusals = ''] = rows.get(action)!;
    const facts = actionCatalogue[action];
    expect(scope).toBe(`\`${scopeOf[facts.capability]}\``);
    expect(statusesOf(statuses).toSorted()).toEqual(facts.statuses.toSorted());
    expect(undo).toBe(facts.undo === null ? '–' : `\`${facts.undo}\``);
    const shown = fieldsOf(facts.Parameters).map(({ name, optional }) => {
      const text = facts.secrets.includes(name) ? `**\`${name}\`**` : `\`${name}\``;
      return optional ? `(${text}` : text;
    });
    for (const text of shown) expect(parameters).toContain(text);
    expect(parameters.match(/`/g) ?? []).toHaveLength(2 * shown.length);
    expect(codesIn(refusals)).toEqual(facts.refusals);
  });
});
