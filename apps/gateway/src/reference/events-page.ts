import type { AsyncApiChannel, AsyncApiDocument, AsyncApiMessage, JsonSchema } from '@seatwise/contracts';

/**
 * The AsyncAPI document as a page: every channel, what it carries and every field. It is whole as it is sent, with no script and
 * nothing from elsewhere; what is long is folded.
 */
export function eventsPage(document: AsyncApiDocument): string {
  const { info, servers, channels, components } = document;
  const [server] = Object.values(servers);
  const all = Object.entries(channels).map(([key, channel]) => ({
    key,
    channel,
    message: components.messages[Object.keys(channel.messages)[0]!]!,
  }));
  const schemas = components.schemas;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(info.title)}</title>
<link rel="stylesheet" href="events.css">
</head>
<body>
<a class="skip" href="#events">To the events</a>
<header>
<h1>${text(info.title)}</h1>
<p><a href="../asyncapi.json">AsyncAPI document</a> · <a href="../reference">Reference of the API</a></p>
</header>
<nav aria-label="Events">
<ul>
${all.map(({ key, message }) => `<li><a href="#${text(key)}">${text(nameOf(message))}</a></li>`).join('\n')}
</ul>
</nav>
<main id="events">
<section aria-labelledby="start">
<h2 id="start">How to start</h2>
${blocks(info.description)}
${fold('The consumer in JetStream', json(server!['x-jetstream']))}
${fold('Headers of every message', fields(schemas.CloudEventHeaders!, schemas))}
</section>
${all.map((one) => section(one, schemas)).join('\n')}
</main>
</body>
</html>
`;
}

interface Told {
  key: string;
  channel: AsyncApiChannel;
  message: AsyncApiMessage;
}

function section({ key, channel, message }: Told, schemas: Schemas): string {
  const [example] = message.examples;
  return `<section aria-labelledby="${text(key)}">
<h2 id="${text(key)}">${text(message.title)}</h2>
<p class="address"><code>${text(channel.address)}</code></p>
<p>${inline(message.description)}</p>
${fields(message.payload, schemas)}
${fold('An example', json({ headers: example!.headers, payload: example!.payload }), nameOf(message))}
</section>`;
}

type Schemas = AsyncApiDocument['components']['schemas'];

/** `person.changed`, as the channel's address ends. */
const nameOf = ({ examples: [example] }: AsyncApiMessage): string => example!.name;

function fields(schema: JsonSchema, schemas: Schemas): string {
  const { properties = {}, required = [] } = resolved(schema, schemas);
  const rows = Object.entries(properties).map(([name, field]) => {
    const optional = required.includes(name) ? '' : ' <span class="optional">may be absent</span>';
    return `<li><code>${text(name)}</code> <span class="type">${text(typeOf(field, schemas))}</span>${optional}
<p>${inline(field.description ?? '')}</p>${within(name, field, schemas)}</li>`;
  });
  return `<ul class="fields">\n${rows.join('\n')}\n</ul>`;
}

/** What a field is made of, where it is made of fields itself. */
function within(name: string, field: JsonSchema, schemas: Schemas): string {
  const one = itemOf(field) ?? field;
  const [chosen] = one.anyOf ?? [one];
  const { properties, items } = resolved(chosen!, schemas);
  if (properties) return fold('Its fields', fields(chosen!, schemas), name);
  if (!Array.isArray(items)) return '';
  const places = items.map(
    (item) =>
      `<li><code>${text(item.title ?? '')}</code> <span class="type">${text(typeOf(item, schemas))}</span><p>${inline(item.description ?? '')}</p></li>`,
  );
  return fold('Its places', `<ol class="fields">\n${places.join('\n')}\n</ol>`, name);
}

const itemOf = ({ items }: JsonSchema): JsonSchema | undefined => (Array.isArray(items) ? undefined : items);

function resolved(schema: JsonSchema, schemas: Schemas): JsonSchema {
  return schema.$ref === undefined ? schema : schemas[schema.$ref.split('/').at(-1)!]!;
}

function typeOf(schema: JsonSchema, schemas: Schemas): string {
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one, schemas)).join(' or ');
  const { type, format, enum: values, minimum, maximum, maxLength, maxItems, items } = resolved(schema, schemas);
  if (Array.isArray(items)) return 'row';
  const item = itemOf(schema);
  if (item) return `list of ${typeOf(item, schemas)}${maxItems === undefined ? '' : `, at most ${maxItems}`}`;
  if (values?.length === 1) return JSON.stringify(values[0]);
  if (values) return `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`;
  return [
    format ?? [type ?? 'anything'].flat().join(' or '),
    minimum !== undefined && `at least ${minimum}`,
    maximum !== undefined && `at most ${maximum}`,
    maxLength !== undefined && `at most ${maxLength} characters`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** `of`: what it is of, for whoever hears the page and not what stands around it. */
const fold = (summary: string, content: string, of?: string): string =>
  `<details><summary>${text(summary)}${of === undefined ? '' : `<span class="heard">: ${text(of)}</span>`}</summary>${content}</details>`;

const json = (value: unknown): string => `<pre tabindex="0"><code>${text(JSON.stringify(value, null, 2))}</code></pre>`;

const text = (plain: string): string =>
  plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Markdown as far as our own texts have it: code, paragraphs and numbered lists. */
const inline = (markdown: string): string => text(markdown).replaceAll(/`([^`]+)`/g, '<code>$1</code>');

function blocks(markdown: string): string {
  return markdown
    .split('\n\n')
    .map((block) => {
      if (!block.startsWith('1. ')) return `<p>${inline(block)}</p>`;
      const items = block.split(/^\d+\. /m).filter(Boolean);
      return `<ol>\n${items.map((item) => `<li>${inline(item.trim())}</li>`).join('\n')}\n</ol>`;
    })
    .join('\n');
}

/** The page's own style: the reader's choice of light and dark, one column on a phone. */
export const eventsStyle = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1b1f24, #e6e8eb);
  --faint: light-dark(#555c66, #a8b0ba);
  --link: light-dark(#0b57c4, #86b4ff);
  --ground: light-dark(#ffffff, #14171b);
  --raised: light-dark(#f3f5f7, #1e2329);
  --line: light-dark(#d5dae0, #363d46);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; background: var(--ground); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; display: grid; gap: 0 2rem; grid-template-columns: 15rem minmax(0, 1fr); }
header { grid-column: 1 / -1; }
h1 { font-size: 1.6rem; margin: 0.5rem 0; }
h2 { font-size: 1.2rem; margin: 0 0 0.5rem; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
nav ul { list-style: none; margin: 0; padding: 0; position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow-y: auto; }
nav a { display: block; padding: 0.2rem 0; overflow-wrap: anywhere; }
section { border-top: 1px solid var(--line); padding: 1.25rem 0; }
section:first-child { border: 0; padding-top: 0; }
code, pre { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem; overflow-x: auto; }
pre code { overflow-wrap: normal; }
.address code { background: var(--raised); border-radius: 4px; padding: 0.15rem 0.4rem; }
.fields { list-style: none; margin: 0; padding: 0; }
.fields > li { border-top: 1px solid var(--line); padding: 0.5rem 0; }
.fields p { margin: 0.15rem 0; }
.fields .fields { border-left: 2px solid var(--line); padding-left: 0.9rem; }
.type, .optional { color: var(--faint); overflow-wrap: anywhere; }
.optional { font-style: italic; }
summary { cursor: pointer; padding: 0.35rem 0; color: var(--link); }
.heard, .skip:not(:focus) { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 52rem) {
  body { grid-template-columns: minmax(0, 1fr); }
  nav ul { position: static; max-height: none; columns: 2; margin-bottom: 1rem; }
}
`;
