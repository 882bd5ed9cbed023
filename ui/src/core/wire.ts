/**
 * What travels between the page and the server: Open Responses frames and the JSON of the public API.
 *
 * Frame types come from the `openai` package (types only, so it never reaches the bundle); what is ours has the prefix
 * `maru:` on the wire. Nothing in here runs except `readFrame`, the one place where an unknown frame is dropped.
 */
import type { Response, ResponsesServerEvent } from "openai/resources/responses/responses";

export type ResponseStatus = NonNullable<Response["status"]>;
export type ItemStatus = "in_progress" | "completed" | "incomplete";

export interface WireError {
  readonly code: string | null;
  readonly message: string;
}

export interface WireUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
}

/** How full the model's window is; absent when the server does not tell. */
export interface WireContext {
  readonly window?: number | null;
  readonly used?: number | null;
}

/** The keys of a Response that the page reads. */
export interface WireResponse {
  readonly id: string;
  readonly status?: ResponseStatus;
  readonly model?: string;
  readonly error?: WireError | null;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly usage?: WireUsage | null;
  readonly conversation?: { readonly id: string } | null;
  readonly "maru:input"?: readonly string[];
  readonly "maru:parent"?: string | null;
  readonly "maru:context"?: WireContext | null;
}

export interface WirePart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly image_url?: string;
  readonly filename?: string;
}

/** Any item; `type` is left open because later servers may send kinds that this page does not know. */
export interface WireItem {
  readonly id: string;
  readonly type: string;
  readonly role?: string;
  readonly status?: ItemStatus;
  readonly content?: readonly WirePart[] | string | null;
  readonly summary?: readonly WirePart[];
  readonly name?: string;
  readonly arguments?: string;
  readonly output?: unknown;
}

interface Numbered {
  readonly sequence_number: number;
  readonly stream_id?: string;
}

type OfOpenAI<T extends ResponsesServerEvent["type"]> = Extract<ResponsesServerEvent, { type: T }>["type"];

export type LifecycleFrame = Numbered & {
  readonly type: OfOpenAI<
    | "response.created"
    | "response.queued"
    | "response.in_progress"
    | "response.completed"
    | "response.incomplete"
    | "response.failed"
  >;
  readonly response: WireResponse;
};

export type ItemFrame = Numbered & {
  readonly type: OfOpenAI<"response.output_item.added" | "response.output_item.done">;
  readonly output_index: number;
  readonly item: WireItem;
};

export type PartFrame = Numbered & {
  readonly type: OfOpenAI<"response.content_part.added" | "response.content_part.done">;
  readonly item_id: string;
  readonly content_index: number;
  readonly part: WirePart;
};

export type DeltaFrame = Numbered & {
  readonly type: OfOpenAI<
    "response.output_text.delta" | "response.refusal.delta" | "response.reasoning_text.delta"
  >;
  readonly item_id: string;
  readonly content_index: number;
  readonly delta: string;
};

export type SummaryDeltaFrame = Numbered & {
  readonly type: OfOpenAI<"response.reasoning_summary_text.delta">;
  readonly item_id: string;
  readonly summary_index: number;
  readonly delta: string;
};

export type ArgumentsDeltaFrame = Numbered & {
  readonly type: OfOpenAI<"response.function_call_arguments.delta">;
  readonly item_id: string;
  readonly delta: string;
};

/** A refused create or follow. Its `type` is shared with OpenAI's flat stream error, hence the optional fields. */
export interface ErrorFrame {
  readonly type: OfOpenAI<"error">;
  readonly stream_id?: string;
  readonly sequence_number?: number;
  readonly error?: WireError & { readonly type?: string };
  readonly code?: string | null;
  readonly message?: string;
}

export type ServerFrame =
  | LifecycleFrame
  | ItemFrame
  | PartFrame
  | DeltaFrame
  | SummaryDeltaFrame
  | ArgumentsDeltaFrame
  | ErrorFrame;

const KNOWN: Readonly<Record<ServerFrame["type"], true>> = {
  "response.created": true,
  "response.queued": true,
  "response.in_progress": true,
  "response.completed": true,
  "response.incomplete": true,
  "response.failed": true,
  "response.output_item.added": true,
  "response.output_item.done": true,
  "response.content_part.added": true,
  "response.content_part.done": true,
  "response.output_text.delta": true,
  "response.refusal.delta": true,
  "response.reasoning_text.delta": true,
  "response.reasoning_summary_text.delta": true,
  "response.function_call_arguments.delta": true,
  error: true,
};

/** The frame, or null for kinds this page has no use for: a newer server may send more than we know. */
export function readFrame(text: string): ServerFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return null;
  return typeof value.type === "string" && Object.hasOwn(KNOWN, value.type) ? (value as ServerFrame) : null;
}

export function errorOf(frame: ErrorFrame): WireError {
  return {
    code: frame.error?.code ?? frame.code ?? null,
    message: frame.error?.message ?? frame.message ?? "",
  };
}

export interface InputMessage {
  readonly type: "message";
  readonly role: "user";
  readonly content: readonly { readonly type: "input_text"; readonly text: string }[];
}

export type ClientFrame =
  | {
      readonly type: "response.create";
      readonly stream_id: string;
      readonly model: string;
      readonly input: readonly InputMessage[];
      readonly conversation: string;
      readonly store: true;
      readonly truncation: "auto";
      readonly "maru:detach": "until_closed";
      readonly "maru:parent"?: string | null;
    }
  | { readonly type: "response.cancel"; readonly response_id: string }
  | {
      readonly type: "maru:response.follow";
      readonly stream_id: string;
      readonly response_id: string;
      readonly starting_after?: number;
    };

export interface WireModel {
  readonly id: string;
  readonly owned_by?: string;
  readonly "maru:state"?: "ready" | "loading" | "failed";
  readonly "maru:detail"?: string | null;
  readonly "maru:default"?: boolean;
  readonly "maru:context_window"?: number | null;
}

export interface WireConversation {
  readonly id: string;
  readonly created_at: number;
  readonly "maru:title"?: string | null;
  readonly "maru:updated_at"?: number;
  readonly "maru:head"?: string | null;
}

export interface WireTreeItem extends WireItem {
  readonly "maru:parent"?: string | null;
  readonly "maru:response"?: string | null;
  readonly created_at?: number;
}

export interface WireTreeResponse {
  readonly status: ResponseStatus;
  readonly model: string;
  readonly error?: WireError | null;
  readonly usage?: WireUsage | null;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly "maru:context"?: WireContext | null;
}

export interface WireTree {
  readonly conversation_id: string;
  readonly head: string | null;
  readonly items: readonly WireTreeItem[];
  readonly running: readonly string[];
  readonly responses: Readonly<Record<string, WireTreeResponse>>;
}

export interface WirePage<T> {
  readonly data: readonly T[];
  readonly last_id?: string | null;
  readonly has_more: boolean;
}
