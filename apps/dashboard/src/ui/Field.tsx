import { Check, Search, X } from 'lucide-react';
import type { ReactNode } from 'react';
import {
  Button,
  Checkbox as AriaCheckbox,
  FieldError,
  Input,
  Label,
  Radio,
  RadioGroup,
  SearchField as AriaSearchField,
  Switch as AriaSwitch,
  Text,
  TextArea,
  TextField as AriaTextField,
} from 'react-aria-components';
import { t } from '../texts';
import { cx } from './cx';
import styles from './Field.module.css';
import { useFieldProblem } from './FormProblem';

interface FieldProps {
  label: string;
  /** Its path in the request, by which what is refused of it is found. */
  name?: string | undefined;
  value: string;
  onChange: (value: string) => void;
  help?: ReactNode;
  error?: ReactNode;
  type?: 'text' | 'password' | 'email' | 'number' | 'url' | 'date' | 'datetime-local';
  placeholder?: string;
  isRequired?: boolean;
  isReadOnly?: boolean;
  isMono?: boolean;
  rows?: number;
  autoFocus?: boolean;
  autoComplete?: string;
  maxLength?: number;
}

/** A line of text, or with `rows` some lines. */
export function TextField({
  label,
  help,
  rows,
  placeholder,
  isMono,
  type = 'text',
  autoComplete = 'off',
  name,
  error: given,
  ...rest
}: FieldProps) {
  const refused = useFieldProblem(name);
  const error = given ?? refused;
  const look = cx(styles.input, isMono && styles.mono);
  return (
    <AriaTextField
      {...rest}
      type={rows ? 'text' : type}
      autoComplete={autoComplete}
      {...(error && { isInvalid: true })}
      // What a server refused must not keep the browser from sending what is mended.
      validationBehavior={error ? 'aria' : 'native'}
      className={styles.field}
    >
      <Label className={styles.label}>
        {label}
        {!rest.isRequired && !rest.isReadOnly && <span className={styles.optional}>{t.common.optional}</span>}
      </Label>
      {rows ? (
        <TextArea className={cx(look, styles.area)} rows={rows} placeholder={placeholder} spellCheck={!isMono} />
      ) : (
        <Input
          className={look}
          placeholder={placeholder}
          spellCheck={false}
          data-1p-ignore={type === 'password' || undefined}
        />
      )}
      {help && (
        <Text slot="description" className={styles.help}>
          {help}
        </Text>
      )}
      <FieldError className={styles.error}>{error}</FieldError>
    </AriaTextField>
  );
}

/** What is refused of a field that is none of text. */
export function FieldNote({ name }: { name: string }) {
  const refused = useFieldProblem(name);
  return refused === undefined ? null : (
    <p role="alert" className={styles.error}>
      {refused}
    </p>
  );
}

export function SearchField({
  label,
  value,
  onChange,
  placeholder,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
}) {
  return (
    <AriaSearchField aria-label={label} value={value} onChange={onChange} className={styles.search}>
      <Search aria-hidden />
      <Input className={styles.searchInput} placeholder={placeholder ?? label} spellCheck={false} />
      <Button className={styles.clear}>
        <X aria-hidden />
      </Button>
    </AriaSearchField>
  );
}

export function Checkbox({
  children,
  isSelected,
  isIndeterminate,
  onChange,
  label,
}: {
  children?: ReactNode;
  label?: string;
  isSelected: boolean;
  isIndeterminate?: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <AriaCheckbox
      className={styles.check}
      isSelected={isSelected}
      isIndeterminate={isIndeterminate ?? false}
      onChange={onChange}
      {...(label && { 'aria-label': label })}
    >
      {({ isSelected: on, isIndeterminate: half }) => (
        <>
          <span className={cx(styles.box, (on || half) && styles.boxOn)} aria-hidden>
            {half ? <span className={styles.half} /> : on && <Check />}
          </span>
          {children}
        </>
      )}
    </AriaCheckbox>
  );
}

export function Switch({
  children,
  isSelected,
  onChange,
  help,
}: {
  children: ReactNode;
  isSelected: boolean;
  onChange: (on: boolean) => void;
  help?: ReactNode;
}) {
  return (
    <div className={styles.field}>
      <AriaSwitch className={styles.switch} isSelected={isSelected} onChange={onChange}>
        <span className={styles.track} aria-hidden>
          <span className={styles.thumb} />
        </span>
        {children}
      </AriaSwitch>
      {help && <p className={cx(styles.help, styles.beneathSwitch)}>{help}</p>}
    </div>
  );
}

/** One of few, each with what it means. */
export function Cards<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: { id: T; title: string; children: ReactNode }[];
  onChange: (value: T) => void;
}) {
  return (
    <RadioGroup value={value} onChange={(chosen) => onChange(chosen as T)} className={styles.cards} aria-label={label}>
      {options.map(({ id, title, children }) => (
        <Radio key={id} value={id} className={styles.card}>
          <span className={styles.radio} aria-hidden />
          <span className={styles.cardBody}>
            <strong>{title}</strong>
            {children}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
