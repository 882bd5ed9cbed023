/** What a model goes on with, read from the stream of `POST /v1/completions`. */
import { ApiError } from "./api";

export interface RawAsked {
  readonly model: string;
  readonly prompt: string;
  readonly temperature: number;
  readonly max_tokens: number;
  readonly stop: readonly string[];
}

export type RawEnd = "stop" | "length" | "content_filter";

export interface RawOutcome {
  readonly end: RawEnd;
  /** Tokens read and written; null where the engine did not count. */
  readonly usage: { readonly read: number; readonly written: number } | null;
}

interface Chunk {
  readonly choices?: readonly { readonly text: string; readonly finish_reason: RawEnd | null }[];
  readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
  readonly error?: { readonly code?: string | null; readonly message?: string };
}

const DONE = "[DONE]";
const EVENT = "data: ";

/**
 * @param onText hears each piece of the text.
 * @throws ApiError the engine failed on the way, or the stream broke off: what was heard until then is half of it.
 */
export async function readRaw(
  body: ReadableStream<Uint8Array>,
  onText: (text: string) => void,
): Promise<RawOutcome> {
  let end: RawEnd | null = null;
  let usage: RawOutcome["usage"] = null;
  for await (const data of events(body)) {
    if (data === DONE && end !== null) return { end, usage };
    const chunk = data === DONE ? {} : (JSON.parse(data) as Chunk);
    if (chunk.error) throw new ApiError(500, chunk.error.code ?? null, chunk.error.message ?? "");
    const choice = chunk.choices?.[0];
    if (choice?.text) onText(choice.text);
    end = choice?.finish_reason ?? end;
    if (chunk.usage) usage = { read: chunk.usage.prompt_tokens, written: chunk.usage.completion_tokens };
  }
  throw new ApiError(0, "unreachable", "the stream broke off");
}

async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one piece comes after the other
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.startsWith(EVENT)) yield line.slice(EVENT.length);
    }
  } catch (error) {
    if (error instanceof ApiError || isAbort(error)) throw error;
    throw new ApiError(0, "unreachable", "the stream broke off", { cause: error });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
