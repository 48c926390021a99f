/** Where a message goes, in OpenTelemetry's words: the template is the name without what differs from one to the next. */
export interface Destination {
  name: string;
  template: string | undefined;
}

const shapes: [shape: RegExp, template: string][] = [
  [/^(seatwise\.(?:v\d+|internal|live))\.[^.]+\.(.+)$/, '$1.{workspace}.$2'],
  [/^(sync\.tasks)\.[^.]+\.[^.]+$/, '$1.{workspace}.{connection}'],
];

/** `seatwise.v1.ws_….person.changed` is one of `seatwise.v1.{workspace}.person.changed`; a request's subject is one alone. */
export function destinationOf(subject: string): Destination {
  const [shape, template] = shapes.find(([candidate]) => candidate.test(subject)) ?? [];
  return { name: subject, template: shape && subject.replace(shape, template!) };
}
