import { useRef, useState } from 'react';
import { api, bodyOf } from '../api/client';
import { problemFrom } from '../api/problem';
import type { PeopleQuery } from '../api/queries';
import { number } from '../format';
import { t } from '../texts';
import { sayProblem, say } from '../ui/Toasts';

const columns = ['connection', 'id', 'name', 'login', 'email', 'status', 'seat', 'lastSignIn', 'role'] as const;
const pageSize = 200;

/** A cell of CSV (RFC 4180). What a spreadsheet would take for a formula has an apostrophe before it. */
export function cell(value: string | null): string {
  const text = /^[=+\-@\t\r]/.test(value ?? '') ? `'${value}` : (value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes all who fit to a file, page by page as the API gives them. */
export function useCsv(query: PeopleQuery) {
  const [count, setCount] = useState(0);
  const [isRunning, setIsRunning] = useState(false);
  const isStopped = useRef(false);
  const write = async () => {
    isStopped.current = false;
    setCount(0);
    setIsRunning(true);
    try {
      const parts = [`${columns.join(',')}\r\n`];
      let cursor: string | undefined;
      let rows = 0;
      do {
        const page = await bodyOf(
          api.GET('/api/v1/people', { params: { query: { ...query, cursor, limit: pageSize } } }),
        );
        parts.push(...page.people.map((person) => `${columns.map((name) => cell(person[name])).join(',')}\r\n`));
        rows += page.people.length;
        setCount(rows);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && !isStopped.current);
      download(new Blob(parts, { type: 'text/csv' }), 'people.csv');
      say(t.people.csvDone(number(rows)));
    } catch (error) {
      sayProblem(problemFrom(error));
    } finally {
      setIsRunning(false);
    }
  };
  return { start: () => void write(), stop: () => (isStopped.current = true), isRunning, count };
}

function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  Object.assign(document.createElement('a'), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
