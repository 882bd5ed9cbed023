/**
 * Cuts a message into blocks that are drawn, and kept, one by one: while an answer grows only its last block changes,
 * so finished blocks keep their DOM, a selection in them and their colours.
 */
import { Lexer } from "marked";

import { displayMathIn, isMathOpen } from "./math";

/** Footnotes point across the whole message, so such a message stays in one piece. */
const FOOTNOTE = /\[\^[^\]\s]+\]:/;

export function splitBlocks(text: string): string[] {
  const source = displayMathIn(text);
  if (FOOTNOTE.test(source)) return [source];
  const tokens = new Lexer({ gfm: true }).lex(source);
  const blocks: string[] = [];
  const definitions: string[] = [];
  let isOpen = false;
  for (const token of tokens) {
    if (token.type === "def") definitions.push(token.raw.trim());
    else if (token.type === "space" && !isOpen) continue;
    else if (isOpen) blocks.push((blocks.pop() ?? "") + token.raw);
    else blocks.push(token.raw);
    // The lexer knows no maths and cuts `$$ … $$` at empty lines; the halves belong together.
    isOpen = token.type !== "code" && isMathOpen(blocks.at(-1) ?? "");
  }
  return blocks.map((block) => withDefinitions(block, definitions));
}

/** Link definitions hold for the whole message; a block that may use one gets them all. */
function withDefinitions(block: string, definitions: readonly string[]): string {
  if (definitions.length === 0 || !block.includes("[")) return block;
  return `${block.trimEnd()}\n\n${definitions.join("\n")}`;
}
