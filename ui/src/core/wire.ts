/**
 * What travels between the page and the server: Open Responses frames and the JSON of the public API.
 *
 * Bodies come from `wire.gen.ts`, which is made from the server's OpenAPI document; the words of frames from the `openai`
 * package (types only, so it never reaches the bundle). What is ours has the prefix `maru:` on the wire. Nothing in here runs except `readFrame`, the one place where an unknown frame is dropped.
 */
import type { ResponsesServerEvent } from "openai/resources/responses/responses";
import type {
  ContextBody,
  ContextReport,
  ContextTurn,
  CustomBody,
  ConversationBody,
  ErrorDetails,
  FactBody,
  FeedbackBody,
  FileBody,
  ImportRecord,
  ImportReport,
  FolderBody,
  HitBody,
  MemoryBody,
  Message,
  ModelBody,
  Place,
  PromptBody,
  PromptCreate,
  PromptVersionBody,
  Response,
  ResponseSummary,
  ResponseUsage,
  ShareBody,
  SharedBody,
  SharedMessage,
  SummaryBody,
  Timing,
  Tree,
  VoiceBody,
} from "./wire.gen";

/** Some keys of what the server sends: those that the page needs, and those that it can do without. */
type Some<T, Needed extends keyof T, Rest extends keyof T = never> = Readonly<
  Pick<T, Needed> & Partial<Pick<T, Rest>>
>;

export type ResponseStatus = Response["status"];
export type ItemStatus = Message["status"];
export type WireError = Some<ErrorDetails, "code" | "message">;
export type WireUsage = Some<
  ResponseUsage,
  "input_tokens" | "output_tokens" | "total_tokens",
  "input_tokens_details"
>;

/** What the model was shown; what is absent the server does not tell. */
export type WireContext = Readonly<Partial<ContextReport>>;
export type WireTiming = Readonly<Timing>;

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
  readonly "maru:timing"?: WireTiming | null;
}

export interface WirePart {
  readonly type: string;
  readonly text?: string;
  readonly refusal?: string;
  readonly image_url?: string | null;
  readonly file_id?: string | null;
  readonly filename?: string | null;
  /** Of an image that the server keeps. */
  readonly "maru:filename"?: string | null;
  readonly annotations?: readonly WireAnnotation[];
}

/** Where words come from; kinds other than `url_citation` have other keys. */
export interface WireAnnotation {
  readonly type: string;
  readonly url?: string;
  readonly title?: string;
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
  readonly call_id?: string;
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
  readonly role: "user" | "assistant";
  readonly content: readonly InputPart[];
}

export type InputPart =
  | { readonly type: "input_text" | "output_text"; readonly text: string }
  | { readonly type: "input_image"; readonly file_id: string; readonly detail: "auto" }
  | { readonly type: "input_file"; readonly file_id: string; readonly filename?: string };

export type ClientFrame =
  | {
      readonly type: "response.create";
      readonly stream_id: string;
      readonly model: string;
      readonly input: readonly InputMessage[];
      readonly instructions?: string;
      readonly temperature?: number;
      readonly max_output_tokens?: number;
      /** Absent where nothing is kept. */
      readonly conversation?: string;
      readonly store: boolean;
      readonly truncation: "auto";
      readonly "maru:detach": "until_closed";
      readonly "maru:custom_instructions"?: boolean;
      readonly "maru:parent"?: string | null;
    }
  | { readonly type: "response.cancel"; readonly response_id: string }
  | {
      readonly type: "maru:response.follow";
      readonly stream_id: string;
      readonly response_id: string;
      readonly starting_after?: number;
    };

export type WireModel = Some<
  ModelBody,
  "id",
  | "owned_by"
  | "maru:state"
  | "maru:detail"
  | "maru:default"
  | "maru:context_window"
  | "maru:features"
  | "input_modalities"
>;

/** A file that the server keeps. */
export type WireFile = Some<FileBody, "id" | "bytes" | "filename">;
export type WireConversation = Some<
  ConversationBody,
  "id" | "created_at",
  | "metadata"
  | "maru:title"
  | "maru:updated_at"
  | "maru:head"
  | "maru:pinned"
  | "maru:archived"
  | "maru:folder"
>;

export type WireFolder = Some<FolderBody, "id" | "name">;

export type WireHit = Some<HitBody, "id" | "conversation" | "title" | "item" | "role" | "at" | "snippet">;

export type WireTreeItem = WireItem & Readonly<Partial<Place>>;

export type WireTreeResponse = Some<ResponseSummary, "status" | "model"> & {
  readonly error?: WireError | null;
  readonly usage?: WireUsage | null;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly "maru:context"?: WireContext | null;
  readonly "maru:timing"?: WireTiming | null;
  readonly "maru:answers"?: string | null;
};

export type WireSummary = Some<SummaryBody, "id" | "last_item" | "text" | "model", "edited_at">;

export type WireTree = Some<Tree, "conversation_id" | "head" | "running"> & {
  readonly summaries?: readonly WireSummary[];
  readonly feedback?: WireFeedback;
  readonly items: readonly WireTreeItem[];
  readonly responses: Readonly<Record<string, WireTreeResponse>>;
};

export type WireFeedback = Some<FeedbackBody, "ratings" | "rankings" | "demonstrations">;

export type WireShare = Readonly<ShareBody>;
export type WireShared = Some<SharedBody, "title" | "created_at"> & {
  readonly messages: readonly WireSharedMessage[];
};
export type WireSharedMessage = Some<SharedMessage, "role" | "text", "pictures" | "files">;

export type WireImportRecord = Readonly<ImportRecord>;
export type WireImportReport = Readonly<ImportReport>;

/** What a model was shown for one answer, turn by turn. */
export type WireContextBody = Readonly<ContextBody>;
export type TurnState = ContextTurn["state"];

export type WireFact = Some<FactBody, "id" | "text">;
export type WireMemory = Some<MemoryBody, "enabled", "max_facts" | "max_chars"> & {
  readonly facts: readonly WireFact[];
};

export type WireVoice = Some<VoiceBody, "recogniser" | "browser" | "max_bytes" | "max_seconds">;

export interface WirePage<T> {
  readonly data: readonly T[];
  readonly last_id?: string | null;
  readonly has_more: boolean;
}

/** What a person tells all models. */
export type WireCustom = Readonly<CustomBody>;
export type CustomChange = Partial<Pick<WireCustom, "enabled" | "about" | "style">>;

/** What a person wants to say again, as it was saved last. */
export type WirePrompt = Readonly<PromptBody>;
export type WirePromptVersion = Readonly<PromptVersionBody>;
export type PromptWords = Readonly<PromptCreate>;
