/** Server-sent events as a `fetch` reads them: an EventSource could send no token, and would hide why it was refused. */

/** `type` is empty for a comment, by which the service says that it is still there. */
export type StreamEvent = { type: string; id: string | null; data: string };

const ENDS = /\r\n|\n|\r/;

export async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let lines: string[] = [];
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const pieces = (rest + read.value).split(ENDS);
      rest = pieces.pop() ?? "";
      for (const line of pieces) {
        if (line !== "") lines.push(line);
        else if (lines.length > 0) {
          yield eventOf(lines);
          lines = [];
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function eventOf(lines: string[]): StreamEvent {
  const event: StreamEvent = { type: "", id: null, data: "" };
  for (const line of lines) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1).replace(/^ /, "");
    switch (line.slice(0, Math.max(colon, 0))) {
      case "event":
        event.type = value;
        break;
      case "id":
        event.id = value;
        break;
      case "data":
        event.type ||= "message";
        event.data += event.data === "" ? value : `\n${value}`;
    }
  }
  return event;
}
