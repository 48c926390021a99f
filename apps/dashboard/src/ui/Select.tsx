import { Check, ChevronDown } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
} from 'react-aria-components';
import { t } from '../texts';
import { cx } from './cx';
import styles from './Field.module.css';

export interface Option {
  id: string;
  text: string;
  detail?: string;
  icon?: ReactNode;
}

/** One of a list. `look` `bare`: without the label, for a row of filters. */
export function Select({
  label,
  value,
  options,
  onChange,
  look = 'field',
  help,
  placeholder,
  prefix,
}: {
  label: string;
  value: string | null;
  options: Option[];
  onChange: (value: string) => void;
  look?: 'field' | 'bare' | 'quiet';
  help?: ReactNode;
  placeholder?: string;
  prefix?: string;
}) {
  const isField = look === 'field';
  const named = useId();
  return (
    <AriaSelect
      value={value}
      onChange={(key) => key !== null && onChange(String(key))}
      className={isField ? styles.field : styles.bareField}
      placeholder={placeholder ?? t.common.choose}
      {...(!isField && { 'aria-label': label })}
    >
      {isField && <Label className={styles.label}>{label}</Label>}
      <Button className={cx(styles.select, styles[`${look}Select`])} {...(prefix && { 'aria-labelledby': named })}>
        <span id={named} className={styles.said}>
          {prefix && <span className={styles.prefix}>{prefix} </span>}
          <SelectValue className={styles.selected}>
            {({ selectedText, defaultChildren }) => selectedText || defaultChildren}
          </SelectValue>
        </span>
        <ChevronDown aria-hidden />
      </Button>
      {help && (
        <Text slot="description" className={styles.help}>
          {help}
        </Text>
      )}
      <Popover className={styles.popover} offset={4}>
        <ListBox className={styles.list} items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.text} className={styles.option}>
              {({ isSelected }) => (
                <>
                  {option.icon}
                  <span className={styles.optionText}>
                    {option.text}
                    {option.detail && <small>{option.detail}</small>}
                  </span>
                  {isSelected && <Check aria-hidden />}
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** Any of a list, as a filter that names what it lets through. */
export function MultiSelect({
  label,
  values,
  options,
  onChange,
  isFilter = true,
  none = t.common.any,
}: {
  label: string;
  values: string[];
  options: Option[];
  onChange: (values: string[]) => void;
  /** It lets less through when something is chosen, and shows it. */
  isFilter?: boolean;
  /** What it means that nothing is chosen. */
  none?: string;
}) {
  const named = useId();
  const chosen = options.filter(({ id }) => values.includes(id));
  return (
    <AriaSelect
      selectionMode="multiple"
      value={values}
      onChange={(keys) => onChange((keys as (string | number)[]).map(String))}
      className={styles.bareField}
      aria-label={label}
    >
      <Button
        className={cx(styles.select, styles.bareSelect, isFilter && chosen.length > 0 && styles.active)}
        aria-labelledby={named}
      >
        <span id={named} className={styles.said}>
          <span className={styles.prefix}>{label} </span>
          {isFilter && (
            <span className={styles.selected}>
              {chosen.length === 0
                ? none
                : chosen.length > 2
                  ? t.common.chosen(chosen.length)
                  : chosen.map(({ text }) => text).join(', ')}
            </span>
          )}
        </span>
        <ChevronDown aria-hidden />
      </Button>
      <Popover className={styles.popover} offset={4}>
        <ListBox className={styles.list} items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.text} className={styles.option}>
              {({ isSelected }) => (
                <>
                  <span className={cx(styles.box, isSelected && styles.boxOn)} aria-hidden>
                    {isSelected && <Check />}
                  </span>
                  <span className={styles.optionText}>
                    {option.text}
                    {option.detail && <small>{option.detail}</small>}
                  </span>
                </>
              )}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
