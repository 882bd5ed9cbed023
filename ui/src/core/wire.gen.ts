/** Made from docs/openapi.json by `make wire`; not written by hand. */

export type Event =
  | ResponseCreated
  | ResponseQueued
  | ResponseInProgress
  | ResponseCompleted
  | ResponseIncomplete
  | ResponseFailed
  | OutputItemAdded
  | OutputItemDone
  | ContentPartAdded
  | ContentPartDone
  | OutputTextDelta
  | OutputTextDone
  | ReasoningTextDelta
  | ReasoningTextDone
  | RefusalDelta
  | RefusalDone
  | ArgumentsDelta
  | ArgumentsDone
  | Compacting
  | SteerFailed;
export type Item = Message | FunctionCall | FunctionCallOutput | Reasoning | Compaction;
export type PlacedItem = Item & Place;

export interface Wire {
  Event: Event;
  Response: Response;
  Item: Item;
  PlacedItem: PlacedItem;
  Tree: Tree;
  ConversationBody: ConversationBody;
  ConversationPage: ConversationPage;
  ConversationUpdate: ConversationUpdate;
  ContextBody: ContextBody;
  HitPage: HitPage;
  FolderList: FolderList;
  CustomBody: CustomBody;
  PromptBody: PromptBody;
  PromptCreate: PromptCreate;
  PromptVersionBody: PromptVersionBody;
  MemoryBody: MemoryBody;
  FactBody: FactBody;
  FileBody: FileBody;
  FeedbackBody: FeedbackBody;
  ImportRecord: ImportRecord;
  ImportReport: ImportReport;
  ShareBody: ShareBody;
  SharedBody: SharedBody;
  VoiceBody: VoiceBody;
  ModelBody: ModelBody;
  ModelList: ModelList;
  ErrorBody: ErrorBody;
}
/**
 * First event of every response.
 */
export interface ResponseCreated {
  type: "response.created";
  sequence_number: number;
  response: Response;
}
/**
 * One response as it is sent and kept.
 */
export interface Response {
  id: string;
  object: "response";
  created_at: number;
  completed_at: number | null;
  status: "cancelled" | "completed" | "failed" | "in_progress" | "incomplete" | "queued";
  incomplete_details: IncompleteDetails | null;
  model: string;
  previous_response_id: string | null;
  instructions: string | null;
  output: (Message | FunctionCall | FunctionCallOutput | Reasoning | Compaction)[];
  error: ResponseError | null;
  tools: {}[];
  tool_choice: string | {};
  truncation: "auto" | "disabled";
  parallel_tool_calls: boolean;
  text: {};
  top_p: number;
  presence_penalty: number;
  frequency_penalty: number;
  temperature: number;
  top_logprobs: number;
  reasoning: {} | null;
  usage: ResponseUsage | null;
  max_output_tokens: number | null;
  max_tool_calls: number | null;
  store: boolean;
  background: boolean;
  service_tier: string;
  metadata: {
    [k: string]: string;
  };
  safety_identifier: string | null;
  prompt_cache_key: string | null;
  conversation: ConversationRef | null;
  "maru:parent": string | null;
  "maru:input": string[];
  "maru:context": ContextReport | null;
  "maru:timing": Timing | null;
}
/**
 * Why a response is not whole: `max_output_tokens`, `content_filter`, or ours: `maru:interrupted`.
 */
export interface IncompleteDetails {
  reason: string;
}
/**
 * One message; assistant messages hold OutputText and Refusal parts, the others Input parts.
 */
export interface Message {
  type: "message";
  id: string;
  role: "assistant" | "developer" | "system" | "user";
  status: "completed" | "in_progress" | "incomplete";
  content: (InputText | InputImage | InputFile | OutputText | Refusal)[];
  phase?: ("commentary" | "final_answer") | null;
}
/**
 * Text that a person or a program sent.
 */
export interface InputText {
  type: "input_text";
  text: string;
}
/**
 * An image by URL or `data:` URL, or an uploaded one; where a model is shown an uploaded one it has both.
 */
export interface InputImage {
  type: "input_image";
  image_url: string | null;
  detail: "auto" | "high" | "low";
  file_id?: string | null;
  "maru:filename"?: string | null;
}
/**
 * A file, inline or uploaded.
 */
export interface InputFile {
  type: "input_file";
  filename?: string | null;
  file_data?: string | null;
  file_url?: string | null;
  file_id?: string | null;
}
/**
 * Text that the model wrote.
 */
export interface OutputText {
  type: "output_text";
  text: string;
  annotations: {}[];
  logprobs?: TokenLogprob[] | null;
}
/**
 * How likely one token of the answer was, with the words of the wire.
 *
 *     Attributes:
 *         token: its text; U+FFFD where it is half a character.
 *         logprob: natural logarithm of its chance; never below `LEAST_LOGPROB`.
 *         bytes: its text as UTF-8; those of all tokens joined are the answer's.
 *         top_logprobs: the likeliest tokens at its place, likeliest first; it may be one of them.
 */
export interface TokenLogprob {
  token: string;
  logprob: number;
  bytes: number[];
  top_logprobs?: RivalToken[];
}
/**
 * A token that could have come, with the words of the wire; see `TokenLogprob`.
 */
export interface RivalToken {
  token: string;
  logprob: number;
  bytes: number[];
}
/**
 * The model's refusal, where the engine marks it as one.
 */
export interface Refusal {
  type: "refusal";
  refusal: string;
}
/**
 * The model asks for a tool; `arguments` is JSON text as the model wrote it.
 */
export interface FunctionCall {
  type: "function_call";
  id: string;
  call_id: string;
  name: string;
  arguments: string;
  status: "completed" | "in_progress" | "incomplete";
}
/**
 * What the tool answered to the call `call_id`.
 */
export interface FunctionCallOutput {
  type: "function_call_output";
  id: string;
  call_id: string;
  output: string | (InputText | InputImage | InputFile)[];
  status: "completed" | "in_progress" | "incomplete";
}
/**
 * What the model thought before it answered.
 */
export interface Reasoning {
  type: "reasoning";
  id: string;
  summary: SummaryText[];
  content?: ReasoningText[] | null;
  encrypted_content?: string | null;
  status?: ("completed" | "in_progress" | "incomplete") | null;
}
/**
 * A summary of the thinking.
 */
export interface SummaryText {
  type: "summary_text";
  text: string;
}
/**
 * Raw thinking of the model.
 */
export interface ReasoningText {
  type: "reasoning_text";
  text: string;
}
/**
 * Older turns in a form only the server reads.
 */
export interface Compaction {
  type: "compaction";
  id: string;
  encrypted_content: string;
}
/**
 * Why a response failed.
 */
export interface ResponseError {
  code: string;
  message: string;
}
/**
 * Tokens of the whole response.
 */
export interface ResponseUsage {
  input_tokens: number;
  input_tokens_details: InputTokensDetails;
  output_tokens: number;
  output_tokens_details: OutputTokensDetails;
  total_tokens: number;
}
/**
 * Where the prompt's tokens came from.
 */
export interface InputTokensDetails {
  cached_tokens: number;
  cache_write_tokens: number;
}
/**
 * What the answer's tokens were spent on.
 */
export interface OutputTokensDetails {
  reasoning_tokens: number;
}
/**
 * The conversation a response belongs to.
 */
export interface ConversationRef {
  id: string;
}
/**
 * What the model was shown (`maru:context`).
 *
 *     Attributes:
 *         window: tokens of prompt and answer the engine can hold, or as few as the operator allows.
 *         budget: tokens of it that the prompt may have; when it needs more, the oldest turns go.
 *         used: tokens of the rendered prompt.
 *         first_item: id of the oldest item that was sent; None: the input of this turn, all of it and nothing before.
 *         items_left_out: items before it that were not sent: of the history, then of the input where that alone is long.
 *         compaction: id of the compaction item that stands for what came before it, which was not sent either.
 *         summary: id of the summary of the conversation that was shown in the place of what was left out.
 *         pinned: ids of items from before `first_item` that were sent because they are pinned.
 *         images_left_out: images in whose place the model was told that there was one: it does not see, or they are gone.
 */
export interface ContextReport {
  window: number;
  budget: number | null;
  used: number;
  first_item: string | null;
  items_left_out: number;
  compaction: string | null;
  summary: string | null;
  pinned: string[];
  images_left_out: number;
}
/**
 * How long an answer took (`maru:timing`), in ms.
 *
 *     Attributes:
 *         first_token_ms: from the request to the first word or thought; None: there was none.
 *         thinking_ms: of the whole, over thoughts.
 *         total_ms: from the request to the end.
 */
export interface Timing {
  first_token_ms: number | null;
  thinking_ms: number;
  total_ms: number;
}
/**
 * A background response waits.
 */
export interface ResponseQueued {
  type: "response.queued";
  sequence_number: number;
  response: Response;
}
/**
 * The response is being worked on.
 */
export interface ResponseInProgress {
  type: "response.in_progress";
  sequence_number: number;
  response: Response;
}
/**
 * The whole answer is there.
 */
export interface ResponseCompleted {
  type: "response.completed";
  sequence_number: number;
  response: Response;
}
/**
 * The answer was cut: by its limit, by a stop or by a shutdown.
 */
export interface ResponseIncomplete {
  type: "response.incomplete";
  sequence_number: number;
  response: Response;
}
/**
 * No answer, or a broken one.
 */
export interface ResponseFailed {
  type: "response.failed";
  sequence_number: number;
  response: Response;
}
/**
 * An item begins; content and arguments are still empty.
 */
export interface OutputItemAdded {
  type: "response.output_item.added";
  sequence_number: number;
  output_index: number;
  item: Message | FunctionCall | FunctionCallOutput | Reasoning | Compaction;
}
/**
 * An item in its final form.
 */
export interface OutputItemDone {
  type: "response.output_item.done";
  sequence_number: number;
  output_index: number;
  item: Message | FunctionCall | FunctionCallOutput | Reasoning | Compaction;
}
/**
 * A part of an item begins, empty.
 */
export interface ContentPartAdded {
  type: "response.content_part.added";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  part: OutputText | ReasoningText | Refusal;
}
/**
 * A part in its final form.
 */
export interface ContentPartDone {
  type: "response.content_part.done";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  part: OutputText | ReasoningText | Refusal;
}
/**
 * More text; `logprobs` is a required list for the SDK's types.
 */
export interface OutputTextDelta {
  type: "response.output_text.delta";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  delta: string;
  logprobs: TokenLogprob[];
}
/**
 * All text of the part.
 */
export interface OutputTextDone {
  type: "response.output_text.done";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  text: string;
  logprobs: TokenLogprob[];
}
/**
 * More of the thinking.
 */
export interface ReasoningTextDelta {
  type: "response.reasoning_text.delta";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  delta: string;
}
/**
 * All of the thinking.
 */
export interface ReasoningTextDone {
  type: "response.reasoning_text.done";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  text: string;
}
/**
 * More of the refusal.
 */
export interface RefusalDelta {
  type: "response.refusal.delta";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  delta: string;
}
/**
 * All of the refusal.
 */
export interface RefusalDone {
  type: "response.refusal.done";
  sequence_number: number;
  item_id: string;
  output_index: number;
  content_index: number;
  refusal: string;
}
/**
 * More of a call's arguments.
 */
export interface ArgumentsDelta {
  type: "response.function_call_arguments.delta";
  sequence_number: number;
  item_id: string;
  output_index: number;
  delta: string;
}
/**
 * All of a call's arguments.
 */
export interface ArgumentsDone {
  type: "response.function_call_arguments.done";
  sequence_number: number;
  item_id: string;
  output_index: number;
  arguments: string;
  name: string;
}
/**
 * The engine is asked for a summary, because the client asked for a compaction.
 */
export interface Compacting {
  type: "response.compaction.compacting";
  sequence_number: number;
  item_id: string;
  output_index: number;
}
/**
 * A steer was not taken; belongs to a socket and to no response, so it ends none.
 */
export interface SteerFailed {
  type: "response.steer.failed";
  sequence_number: number;
  error: SteerError;
  steer: Steer;
  stream_id?: string | null;
}
/**
 * Why a steer was not taken.
 */
export interface SteerError {
  type: "invalid_request_error";
  code: string;
  message: string;
}
/**
 * The steer as the client sent it, given back so that nothing it said is lost.
 */
export interface Steer {
  input: unknown;
  previous_response_id: unknown;
}
/**
 * Where an item hangs in its tree; stands among the item's own keys.
 */
export interface Place {
  "maru:parent": string | null;
  "maru:response": string | null;
  "maru:pinned": boolean;
  created_at: number;
}
/**
 * A whole conversation: every item with its place, how each answer ended, and what was said about them.
 */
export interface Tree {
  object: "maru:tree";
  conversation_id: string;
  head: string | null;
  items: PlacedItem[];
  running: string[];
  responses: {
    [k: string]: ResponseSummary;
  };
  summaries: SummaryBody[];
  feedback: FeedbackBody;
}
/**
 * How an answer of a conversation ended, and the item that it answers, below which it stands.
 */
export interface ResponseSummary {
  status: "cancelled" | "completed" | "failed" | "in_progress" | "incomplete" | "queued";
  model: string;
  error: ResponseError | null;
  incomplete_details: IncompleteDetails | null;
  usage: ResponseUsage | null;
  "maru:context": ContextReport | null;
  "maru:timing": Timing | null;
  "maru:answers": string | null;
}
/**
 * What stands for a branch of a conversation from its root to one item; times are Unix seconds.
 *
 *     Attributes:
 *         conversation: id of it.
 *         last_item: id of the last item that the summary stands for.
 *         text: as models are shown it.
 *         model: who wrote it.
 *         edited_at: when a person last changed the text; None: it is as the model wrote it.
 */
export interface SummaryBody {
  id: string;
  object: "maru.summary";
  conversation: string;
  last_item: string;
  text: string;
  model: string;
  created_at: number;
  edited_at: number | null;
}
/**
 * All that was said about the answers of a conversation; each part in the order of making.
 */
export interface FeedbackBody {
  object: "maru.feedback";
  ratings: RatingBody[];
  rankings: RankingBody[];
  demonstrations: DemonstrationBody[];
}
/**
 * A rating of one answer.
 */
export interface RatingBody {
  id: string;
  object: "maru.rating";
  conversation: string;
  answer: AnswerBody;
  value: "down" | "up";
  reasons: string[];
  comment: string | null;
  created_at: number;
  updated_at: number;
}
/**
 * An answer and who wrote it; null where nobody knows.
 *
 *     Attributes:
 *         item: its message.
 */
export interface AnswerBody {
  item: string;
  response: string | null;
  model: string | null;
}
/**
 * The order of several answers to one prompt, best first.
 *
 *     Attributes:
 *         prompt: the item that they answer.
 */
export interface RankingBody {
  id: string;
  object: "maru.ranking";
  conversation: string;
  prompt: string;
  places: AnswerBody[][];
  created_at: number;
  updated_at: number;
}
/**
 * What a person wrote in the place of one answer.
 */
export interface DemonstrationBody {
  id: string;
  object: "maru.demonstration";
  conversation: string;
  answer: AnswerBody;
  text: string;
  created_at: number;
  updated_at: number;
}
/**
 * A conversation without its items.
 */
export interface ConversationBody {
  id: string;
  object: "conversation";
  created_at: number;
  metadata: {
    [k: string]: string;
  };
  "maru:title": string | null;
  "maru:updated_at": number;
  "maru:head": string | null;
  "maru:pinned": boolean;
  "maru:archived": boolean;
  "maru:folder": string | null;
}
/**
 * One page of conversations.
 */
export interface ConversationPage {
  object: "list";
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
  data: ConversationBody[];
}
/**
 * Changes to a conversation; what is absent stays.
 */
export interface ConversationUpdate {
  metadata?: {
    [k: string]: string;
  } | null;
  "maru:title"?: string | null;
  "maru:head"?: string | null;
  "maru:pinned"?: boolean | null;
  "maru:archived"?: boolean | null;
  "maru:folder"?: string | null;
}
/**
 * What a model was shown for one response.
 *
 *     Attributes:
 *         policy: of the window, from the model's settings.
 *         window: tokens of prompt and answer together.
 *         budget: tokens of it that the prompt may have.
 *         used: tokens of the prompt.
 *         cached: those of them that the engine had in its cache.
 *         is_exact: `used` was counted by the engine that answered.
 *         template: hash of the chat template; None where the engine does not tell.
 *         instructions: the client's.
 *         notes: what was shown after them: facts about the person, the summary, quotes.
 *         summary: id of that summary.
 *         compaction: id of the compaction item that stands for what came before it.
 *         turns: the whole branch, oldest first, the newest turn last.
 */
export interface ContextBody {
  object: "maru.context";
  response_id: string;
  model: string;
  policy: string;
  window: number;
  budget: number;
  used: number;
  cached: number;
  is_exact: boolean;
  template: string | null;
  instructions: string | null;
  notes: string | null;
  summary: string | null;
  compaction: string | null;
  turns: ContextTurn[];
}
/**
 * A turn of the branch, which was shown as a whole or not at all.
 *
 *     Attributes:
 *         state: `pinned`: sent although it stands before the cut; `summarised`: a summary or a compaction stands for it.
 *         tokens: of its messages; None where the engine cannot be asked now.
 */
export interface ContextTurn {
  state: "left_out" | "pinned" | "sent" | "summarised";
  tokens: number | null;
  items: ContextItem[];
}
/**
 * An item of the branch, by name only: its words are in the conversation.
 */
export interface ContextItem {
  id: string;
  type: string;
  role: string | null;
}
/**
 * One page of what was found: titles, then messages.
 */
export interface HitPage {
  object: "list";
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
  data: HitBody[];
}
/**
 * A message in which all words stand, or without `item` a title.
 *
 *     `at` is when the message was made, or the conversation changed last, in Unix seconds.
 */
export interface HitBody {
  id: string;
  object: "maru.hit";
  conversation: string;
  title: string | null;
  item: string | null;
  role: ("assistant" | "user") | null;
  at: number;
  snippet: SnippetPart[];
}
/**
 * A piece of a snippet; all in a row are its text.
 */
export interface SnippetPart {
  text: string;
  match: boolean;
}
/**
 * All folders, in the order of making.
 */
export interface FolderList {
  object: "list";
  data: FolderBody[];
}
/**
 * A name under which conversations lie.
 */
export interface FolderBody {
  id: string;
  object: "maru.folder";
  name: string;
  created_at: number;
}
/**
 * What a person tells models in chats that ask for it; a model is told it only while `enabled`.
 */
export interface CustomBody {
  object: "maru.instructions";
  enabled: boolean;
  about: string;
  style: string;
  max_chars: number;
}
/**
 * A prompt as it was saved last, and how often it was.
 */
export interface PromptBody {
  id: string;
  object: "maru.prompt";
  title: string;
  word: string;
  text: string;
  version: number;
  created_at: number;
  updated_at: number;
}
/**
 * `POST /v1/prompts`.
 */
export interface PromptCreate {
  title: string;
  word: string;
  text: string;
}
/**
 * A prompt as it was saved once.
 */
export interface PromptVersionBody {
  object: "maru.prompt.version";
  version: number;
  title: string;
  word: string;
  text: string;
  created_at: number;
}
/**
 * All facts in the order of making; a model is shown them only while `enabled`.
 */
export interface MemoryBody {
  object: "maru.memory";
  enabled: boolean;
  max_facts: number;
  max_chars: number;
  facts: FactBody[];
}
/**
 * One fact; `conversation` may be gone by now.
 */
export interface FactBody {
  id: string;
  object: "maru.fact";
  text: string;
  conversation: string | null;
  created_at: number;
  updated_at: number;
}
/**
 * A file that was uploaded; an image as it was drawn anew, its sides in pixels.
 */
export interface FileBody {
  id: string;
  object: "file";
  bytes: number;
  created_at: number;
  filename: string;
  purpose: "user_data" | "vision";
  status: "processed";
  "maru:media_type": string;
  "maru:width": number | null;
  "maru:height": number | null;
  "maru:goes_with_chat": boolean;
}
/**
 * What became of one record of a file.
 *
 *     Attributes:
 *         file: its name, in a zip the one of the file in it.
 *         number: of the record in its file, from 1; 0: it is about the whole file.
 *         share: of the file that is read by now, 0 to 1.
 *         source: the program that wrote it.
 *         why: null where it was taken in.
 *         detail: more about why, in English.
 */
export interface ImportRecord {
  object: "maru.import.record";
  file: string;
  number: number;
  outcome: "failed" | "imported" | "skipped";
  share: number;
  title: string | null;
  source: string | null;
  conversation: string | null;
  why:
    | (
        | "broken_file"
        | "damaged"
        | "empty"
        | "here_already"
        | "not_kept"
        | "stopped"
        | "too_large"
        | "unknown_format"
        | "unsafe_archive"
      )
    | null;
  detail: string | null;
}
/**
 * The last line: how many became what. Without it, the file did not come to its end: send it again.
 */
export interface ImportReport {
  object: "maru.import.report";
  imported: number;
  skipped: number;
  failed: number;
}
/**
 * A share as its owner sees it.
 *
 *     Attributes:
 *         path: of the page that shows it, on this server; whoever knows it may read.
 *         leaf: the last item that is shown.
 *         title: the beginning of what a person says in it first, as readers see it.
 */
export interface ShareBody {
  id: string;
  object: "maru.share";
  conversation: string;
  path: string;
  leaf: string;
  title: string | null;
  created_at: number;
}
/**
 * A share as a reader sees it: nothing that says whose it is, or by which model.
 */
export interface SharedBody {
  object: "maru.shared";
  title: string | null;
  created_at: number;
  messages: SharedMessage[];
}
/**
 * What a person or a model said; `pictures` and `files` that are part of it are counted and not shown.
 */
export interface SharedMessage {
  role: "assistant" | "user";
  text: string;
  pictures: number;
  files: number;
}
/**
 * What the page may do with a microphone.
 *
 *     Attributes:
 *         recogniser: whether the server writes recordings down.
 *         browser: whether the browser may, where the server does not.
 *         max_bytes: of one recording.
 *         max_seconds: of one recording.
 */
export interface VoiceBody {
  object: "maru.voice";
  recogniser: boolean;
  browser: boolean;
  max_bytes: number;
  max_seconds: number;
}
/**
 * A model, whether it can answer now, and what it can be sent: only text while it is not known to see.
 *
 *     `away`: it could answer, and its engine does not at the moment; `out`: its operator took it out of service.
 *     `maru:features`: what it honours, in order.
 */
export interface ModelBody {
  id: string;
  object: "model";
  created: number;
  owned_by: "maru";
  "maru:backend": string;
  "maru:state": "away" | "failed" | "loading" | "out" | "ready";
  "maru:detail": string;
  "maru:default": boolean;
  "maru:context_window": number | null;
  "maru:features": ("effort" | "images" | "json" | "logprobs" | "raw" | "tools")[];
  input_modalities: ("image" | "text")[];
}
/**
 * Every model, in the order of the settings.
 */
export interface ModelList {
  object: "list";
  data: ModelBody[];
}
/**
 * Every answer that is not a success.
 */
export interface ErrorBody {
  error: ErrorDetails;
}
/**
 * What was wrong, and what to change.
 */
export interface ErrorDetails {
  message: string;
  type: "invalid_request_error" | "rate_limit_error" | "server_error";
  param: string | null;
  code: string | null;
}
