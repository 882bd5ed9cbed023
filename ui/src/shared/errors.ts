/** Errors that a person can do something about, in words of their own. */
import type { Key } from "@/shared/i18n/en";

type ErrorKey = Extract<Key, `error.${string}`>;

const WORDS: Readonly<Record<string, ErrorKey>> = {
  unreachable: "error.unreachable",
  conversation_locked: "error.busy",
  context_length_exceeded: "error.tooLong",
  rate_limit_exceeded: "error.rateLimit",
  too_many_requests: "error.rateLimit",
  model_not_found: "error.modelGone",
  unsupported_image: "error.blind",
  file_not_found: "error.fileGone",
  file_too_large: "error.fileTooLarge",
  files_full: "error.filesFull",
  memory_full: "error.memoryFull",
  duplicate_fact: "error.duplicateFact",
};

/** Null for errors that we have no words for. */
export function errorKey(code: string | null | undefined): ErrorKey | null {
  return (code ? WORDS[code] : undefined) ?? null;
}
