import { createContext, use, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { problemFrom, type Problem } from '../api/problem';
import { t } from '../texts';
import { ProblemView, saidOf } from './States';

type FieldProblem = NonNullable<Problem['errors']>[number];

interface Form {
  error: unknown;
  errors: FieldProblem[];
  /** Those of its fields that are on the page. */
  names: Set<string>;
}

const FormContext = createContext<Form | undefined>(undefined);

/**
 * Around the fields of a form whose request may be refused: what concerns a field is said there, by its `name`, which is
 * its path in the request without the `$.`; the rest where {@link FormProblem} stands. So all is said once.
 */
export function ProblemFields({
  error,
  fieldOf = {},
  children,
}: {
  error: unknown;
  /** The field that a refusal is about which names none itself. */
  fieldOf?: Partial<Record<Problem['code'], string>>;
  children: ReactNode;
}) {
  const [names] = useState(() => new Set<string>());
  const area = useRef<HTMLDivElement>(null);
  const form = useMemo(() => {
    if (!error) return { error, errors: [], names };
    const { problem } = problemFrom(error);
    const field = fieldOf[problem.code];
    return { error, errors: field ? [{ path: `$.${field}`, detail: problem.detail }] : (problem.errors ?? []), names };
  }, [error, fieldOf, names]);
  // What is to be mended first is where one goes on.
  useLayoutEffect(() => {
    if (error) area.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);
  return (
    <FormContext value={form}>
      <div ref={area} style={{ display: 'contents' }}>
        {children}
      </div>
    </FormContext>
  );
}

/** What was refused and concerns none of the fields. */
export function FormProblem() {
  const form = use(FormContext);
  if (!form?.error) return null;
  const rest = form.errors.filter(({ path }) => ownerOf(path, form.names) === undefined);
  if (rest.length === 0 && form.errors.length > 0) return null;
  return <ProblemView error={form.error} errors={rest} isSmall />;
}

/** What was refused of this field, in words. */
export function useFieldProblem(name: string | undefined): string | undefined {
  const form = use(FormContext);
  const names = form?.names;
  useLayoutEffect(() => {
    if (!name || !names) return undefined;
    names.add(name);
    return () => void names.delete(name);
  }, [name, names]);
  if (!name || !form) return undefined;
  const own = form.errors.filter(({ path }) => ownerOf(path, form.names) === name);
  return own.length > 0 ? own.map((one) => inWords(one, name)).join(' ') : undefined;
}

/** The field that has the path, or that it lies in. */
function ownerOf(path: string, names: Set<string>): string | undefined {
  const parts = path.replace(/^\$\.?/, '').split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const name = parts.slice(0, length).join('.');
    if (names.has(name)) return name;
  }
  return undefined;
}

/** By words of the page's own for the rule; else `name must be …` is said beside the field, of which it is told: `This must be …`. */
function inWords({ path, detail, rule }: FieldProblem, name: string): string {
  const [bound = ''] = /\d+/.exec(detail) ?? [];
  const said = rule === undefined ? undefined : t.invalid[rule]?.(bound);
  if (said !== undefined) return said;
  const own = path === `$.${name}` ? saidOf(path, detail) : detail;
  // An address is written as it is.
  const isAddress = /^\w+:\/\//.test(own);
  const whole = own !== detail ? t.invalidOwn(own) : isAddress ? own : own.charAt(0).toUpperCase() + own.slice(1);
  return /[.!?:]$/.test(whole) ? whole : `${whole}.`;
}
