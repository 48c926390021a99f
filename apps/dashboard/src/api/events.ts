/** One event of a stream: its name and what it holds. */
export interface StreamEvent {
  event: string;
  data: unknown;
}

/**
 * The events of an answer, as they come. `EventSource` can only get; what is posted is answered in the same form (WHATWG
 * HTML, "Server-sent events"), of which ours has one line of data to an event.
 */
export async function* eventsOf(answer: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<StreamEvent> {
  const reader = answer.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const blocks = (text + read.value).split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))) as Record<
          string,
          string
        >;
        if (fields.event && fields.data) yield { event: fields.event, data: JSON.parse(fields.data) };
      }
    }
  } finally {
    await reader.cancel();
  }
}
