/**
 * How one conversation is to be answered: instructions, temperature, longest answer. Kept with the conversation, in its
 * `metadata`, so that it is the same on every device. Pure.
 */

export interface ChatSettings {
  /** What the model is told before everything else; empty: nothing. */
  readonly instructions: string;
  /** 0 to 2; null: the model's own. */
  readonly temperature: number | null;
  /** Tokens of one answer at most; null: as many as fit. */
  readonly maxTokens: number | null;
  /** The model is not told what the person tells all others. */
  readonly isCustomOff: boolean;
}

export const NO_SETTINGS: ChatSettings = {
  instructions: "",
  temperature: null,
  maxTokens: null,
  isCustomOff: false,
};

/** Key of the settings of the chat that is about to begin. */
export const OF_NEW_CHAT = "new";
/** Fewer than this the server does not take. */
export const LEAST_TOKENS = 16;
export const HOTTEST = 2;

/** Characters of one value of metadata, and how many values the instructions may take. */
const CHUNK_CHARS = 512;
const CHUNKS = 8;
/** A value may end one sooner, so as not to part a character. */
export const MOST_CHARS = (CHUNK_CHARS - 1) * CHUNKS;

const INSTRUCTIONS = "maru_instructions_";
const TEMPERATURE = "maru_temperature";
const MAX_TOKENS = "maru_max_tokens";
const CUSTOM = "maru_custom";

export type Metadata = Readonly<Record<string, string>>;

export function settingsOf(metadata: Metadata): ChatSettings {
  const chunks = Array.from({ length: CHUNKS }, (_, index) => metadata[INSTRUCTIONS + index] ?? "");
  return {
    instructions: chunks.join(""),
    temperature: numberIn(metadata[TEMPERATURE], 0, HOTTEST),
    maxTokens: numberIn(metadata[MAX_TOKENS], LEAST_TOKENS, Number.MAX_SAFE_INTEGER),
    isCustomOff: metadata[CUSTOM] === "off",
  };
}

/** What others keep there stays. */
export function metadataWith(metadata: Metadata, settings: ChatSettings): Metadata {
  const others = Object.entries(metadata).filter(
    ([key]) => !key.startsWith(INSTRUCTIONS) && ![TEMPERATURE, MAX_TOKENS, CUSTOM].includes(key),
  );
  const ours: Record<string, string> = {};
  const { instructions, temperature, maxTokens, isCustomOff } = settings;
  for (const [index, chunk] of chunksOf(instructions).entries()) ours[INSTRUCTIONS + index] = chunk;
  if (temperature !== null) ours[TEMPERATURE] = String(temperature);
  if (maxTokens !== null) ours[MAX_TOKENS] = String(maxTokens);
  if (isCustomOff) ours[CUSTOM] = "off";
  return { ...Object.fromEntries(others), ...ours };
}

/** Pieces of a text; none ends within a character that is two units long, which alone would be no text. */
function chunksOf(text: string): string[] {
  const chunks: string[] = [];
  let rest = text.slice(0, endWithin(text, MOST_CHARS));
  while (rest !== "") {
    const end = endWithin(rest, CHUNK_CHARS);
    chunks.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return chunks;
}

function endWithin(text: string, most: number): number {
  const isParted = text.length > most && /[\ud800-\udbff]/.test(text.charAt(most - 1));
  return isParted ? most - 1 : Math.min(most, text.length);
}

export function hasSettings({ instructions, temperature, maxTokens, isCustomOff }: ChatSettings): boolean {
  return instructions !== "" || temperature !== null || maxTokens !== null || isCustomOff;
}

/** As the keys of a create; what is not set is not sent. */
export function createKeys({ instructions, temperature, maxTokens, isCustomOff }: ChatSettings) {
  return {
    ...(isCustomOff ? {} : { "maru:custom_instructions": true }),
    ...(instructions === "" ? {} : { instructions }),
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_output_tokens: maxTokens }),
  };
}

function numberIn(text: string | undefined, least: number, most: number): number | null {
  const number = Number(text ?? "");
  return text === undefined || text === "" || !(number >= least && number <= most) ? null : number;
}
