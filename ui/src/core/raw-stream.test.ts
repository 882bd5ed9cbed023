/** Rules of `raw-stream.ts`: what is heard, and what is no good end. */
import { describe, expect, it } from "vitest";

import { ApiError } from "./api";
import { readRaw } from "./raw-stream";

const END = { choices: [{ text: "", finish_reason: "stop" }] };

function more(text: string): object {
  return { choices: [{ text, finish_reason: null }] };
}

function sse(...events: (object | string)[]): Uint8Array {
  const lines = events.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`);
  return new TextEncoder().encode(lines.join(""));
}

/** In pieces of `size` bytes, wherever they part. */
function stream(bytes: Uint8Array, size = bytes.length): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.slice(at, (at += size)));
    },
  });
}

async function heard(body: ReadableStream<Uint8Array>) {
  const texts: string[] = [];
  const outcome = await readRaw(body, (text) => texts.push(text)).catch((error: unknown) => error);
  return { texts, outcome };
}

describe("a stream", () => {
  it.each([1, 7, 10_000])("is read in pieces of %i bytes", async (size) => {
    const usage = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } };
    const { texts, outcome } = await heard(
      stream(sse(more("마루"), more(" 끝"), END, usage, "[DONE]"), size),
    );
    expect(texts).toEqual(["마루", " 끝"]);
    expect(outcome).toEqual({ end: "stop", usage: { read: 5, written: 2 } });
  });

  it("tells an error of the engine, with its words", async () => {
    const { texts, outcome } = await heard(
      stream(sse(more("half"), { error: { code: "server_error", message: "gone" } })),
    );
    expect(texts).toEqual(["half"]);
    expect(outcome).toMatchObject({ name: "ApiError", code: "server_error", message: "gone" });
  });

  it.each([
    ["the connection ends", sse(more("half"))],
    ["the end comes without a reason", sse(more("half"), "[DONE]")],
    ["the reason comes without an end", sse(more("half"), END)],
  ])("is half a text when %s", async (_, bytes) => {
    const { outcome } = await heard(stream(bytes));
    expect(outcome).toBeInstanceOf(ApiError);
    expect(outcome).toMatchObject({ code: "unreachable" });
  });
});
