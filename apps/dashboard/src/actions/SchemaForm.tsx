import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { appsQuery, groupsQuery } from '../api/queries';
import { t } from '../texts';
import { IconButton, Segments } from '../ui/Button';
import { FieldNote, TextField } from '../ui/Field';
import { MultiSelect, Select, type Option } from '../ui/Select';
import styles from './actions.module.css';

/** As much of JSON Schema as the catalogue uses. */
interface Property {
  type: 'string' | 'boolean' | 'object' | 'array';
  format?: string;
  maxLength?: number;
}
interface ObjectSchema {
  properties?: Record<string, Property>;
  required?: string[];
}

export type Values = Record<string, unknown>;

/** What is known of whom it is about, so that less need be typed. */
export interface Known {
  connection: string;
  groups?: Option[];
  apps?: Option[];
  profile?: Record<string, unknown> | undefined;
}

/** Fields for the parameters of an action, made from its JSON Schema. */
export function SchemaForm({
  schema,
  values,
  onChange,
  known,
}: {
  schema: Record<string, unknown>;
  values: Values;
  onChange: (values: Values) => void;
  known: Known;
}) {
  const { properties = {}, required = [] } = schema as ObjectSchema;
  const set = (name: string, value: unknown) =>
    onChange(
      Object.fromEntries(
        Object.entries({ ...values, [name]: value }).filter(([, one]) => one !== undefined && one !== ''),
      ),
    );
  return (
    <>
      {Object.entries(properties).map(([name, property]) => (
        <Field
          key={name}
          name={name}
          property={property}
          isRequired={required.includes(name)}
          value={values[name]}
          onChange={(value) => set(name, value)}
          known={known}
        />
      ))}
    </>
  );
}

interface FieldProps {
  name: string;
  property: Property;
  isRequired: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
  known: Known;
}

function Field({ name, property, isRequired, value, onChange, known }: FieldProps) {
  const label = t.parameters[name] ?? name;
  const text = typeof value === 'string' ? value : '';
  if (property.type === 'boolean')
    return (
      <div className={styles.choice}>
        <span>{label}</span>
        <Segments
          label={label}
          value={value === undefined ? 'usual' : value ? 'yes' : 'no'}
          options={[
            ['usual', t.act.usual],
            ['yes', t.act.yes],
            ['no', t.act.no],
          ]}
          onChange={(chosen) => onChange(chosen === 'usual' ? undefined : chosen === 'yes')}
        />
      </div>
    );
  if (property.type === 'object')
    return (
      <>
        <ProfileField
          label={label}
          name={`parameters.${name}`}
          value={(value ?? {}) as Record<string, unknown>}
          onChange={onChange}
          before={known.profile}
          isNew={known.profile === undefined && name === 'profile' && isRequired}
        />
        <FieldNote name={`parameters.${name}`} />
      </>
    );
  if (property.type === 'array')
    return (
      <GroupsField
        known={known}
        values={Array.isArray(value) ? (value as string[]) : []}
        onChange={(groups) => onChange(groups.length > 0 ? groups : undefined)}
      />
    );
  if (name === 'app' || name === 'group') {
    const Choice = name === 'app' ? AppField : GroupField;
    return (
      <>
        <Choice label={label} value={text} onChange={onChange} known={known} />
        <FieldNote name={`parameters.${name}`} />
      </>
    );
  }
  return (
    <TextField
      label={label}
      name={`parameters.${name}`}
      value={text}
      onChange={onChange}
      isRequired={isRequired}
      type={property.format === 'password' ? 'password' : 'text'}
      autoComplete={property.format === 'password' ? 'new-password' : 'off'}
      {...(property.maxLength && { maxLength: property.maxLength })}
    />
  );
}

/** Above this many a choice can be narrowed by typing. */
const manyGroups = 12;

/** The groups that can be changed by hand; those that the caller knows to fit, where it knows them. */
function useGroups(known: Known): Option[] {
  const { data = [] } = useQuery({ ...groupsQuery(known.connection), enabled: known.groups === undefined });
  return known.groups ?? data.filter(({ type }) => type === 'OKTA_GROUP').map(({ id, name }) => ({ id, text: name }));
}

function GroupField({
  label,
  value,
  onChange,
  known,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  known: Known;
}) {
  const groups = useGroups(known);
  const [search, setSearch] = useState('');
  const fits = ({ id, text }: Option) => id === value || text.toLowerCase().includes(search.toLowerCase());
  return (
    <>
      {groups.length > manyGroups && <TextField label={t.act.groupSearch} value={search} onChange={setSearch} />}
      <Select
        label={label}
        value={value || null}
        options={groups.filter(fits)}
        onChange={onChange}
        help={t.act.groupHelp}
      />
    </>
  );
}

function GroupsField({
  values,
  onChange,
  known,
}: {
  values: string[];
  onChange: (values: string[]) => void;
  known: Known;
}) {
  const groups = useGroups(known);
  return (
    <MultiSelect
      label={t.parameters.groups!}
      values={values}
      options={groups}
      onChange={onChange}
      none={t.common.none}
    />
  );
}

function AppField({
  label,
  value,
  onChange,
  known,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  known: Known;
}) {
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<Option>();
  const { data } = useInfiniteQuery({
    ...appsQuery({
      connection: known.connection,
      search: search || undefined,
      sort: 'label',
      order: 'asc',
      window: 30,
    }),
    enabled: known.apps === undefined,
  });
  const found =
    data?.pages
      .flatMap(({ apps }) => apps)
      .map(({ id, label: text, name }) => ({ id, text, detail: `${name} · ${id}` })) ?? [];
  // What is chosen is to be seen, whatever is searched for.
  const options = chosen?.id === value && !found.some(({ id }) => id === value) ? [chosen, ...found] : found;
  if (known.apps) return <Select label={label} value={value || null} options={known.apps} onChange={onChange} />;
  return (
    <>
      <TextField label={t.act.appSearch} value={search} onChange={setSearch} />
      <Select
        label={label}
        value={value || null}
        options={options}
        onChange={(id) => {
          setChosen(options.find((one) => one.id === id));
          onChange(id);
        }}
      />
    </>
  );
}

const atLeast = ['login', 'email', 'firstName', 'lastName'];

/** Attributes by name. Of somebody who is there, only those that are changed are sent; one that is emptied is cleared. */
function ProfileField({
  label,
  name: path,
  value,
  onChange,
  before,
  isNew,
}: {
  label: string;
  name: string;
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown> | undefined) => void;
  before: Record<string, unknown> | undefined;
  isNew: boolean;
}) {
  const [added, setAdded] = useState<string[]>([]);
  const [name, setName] = useState('');
  const names = [...new Set([...(isNew ? atLeast : []), ...Object.keys(before ?? {}), ...added])];
  const set = (attribute: string, text: string) => {
    const was = before?.[attribute];
    const { [attribute]: _, ...rest } = value;
    const isSame = before !== undefined && attribute in before && text === shownAs(was);
    const changed =
      isSame || (isNew && text === '') ? rest : { ...rest, [attribute]: text === '' ? null : likeBefore(text, was) };
    onChange(Object.keys(changed).length > 0 ? changed : undefined);
  };
  return (
    <div role="group" aria-label={label} className={styles.profile}>
      <h3>{label}</h3>
      {names.map((attribute) => (
        <div key={attribute} className={styles.attribute}>
          <TextField
            label={t.attributes[attribute] ?? attribute}
            name={`${path}.${attribute}`}
            value={shownAs(attribute in value ? value[attribute] : before?.[attribute])}
            onChange={(text) => set(attribute, text)}
            isRequired={isNew && atLeast.includes(attribute)}
          />
          {added.includes(attribute) && (
            <IconButton
              label={t.common.clear}
              icon={<X />}
              onPress={() => {
                setAdded(added.filter((one) => one !== attribute));
                const { [attribute]: _, ...rest } = value;
                onChange(Object.keys(rest).length > 0 ? rest : undefined);
              }}
            />
          )}
        </div>
      ))}
      <div className={styles.attribute}>
        <TextField label={t.act.addAttribute} value={name} onChange={setName} isMono />
        <IconButton
          label={t.act.addAttribute}
          look="plain"
          icon={<Plus />}
          isDisabled={name.trim() === '' || names.includes(name.trim())}
          onPress={() => {
            setAdded([...added, name.trim()]);
            setName('');
          }}
        />
      </div>
    </div>
  );
}

const shownAs = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** What is typed, as the kind of value that was there. */
function likeBefore(text: string, before: unknown): unknown {
  if (typeof before === 'string' || before === null || before === undefined) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
