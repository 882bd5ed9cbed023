/** The words after a slash that the page itself runs; no prompt may have one of them. Pure. */

export const COMMAND_WORDS = [
  "new",
  "temporary",
  "model",
  "compare",
  "again",
  "search",
  "memory",
  "instructions",
  "prompts",
  "keys",
] as const;

export type CommandWord = (typeof COMMAND_WORDS)[number];

/** `word` as somebody writes it; the server keeps words composed and in small letters. */
export function isCommandWord(word: string): boolean {
  const kept = word.trim().normalize("NFC").toLowerCase();
  return COMMAND_WORDS.some((one) => one === kept);
}
