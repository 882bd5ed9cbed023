/**
 * Cuts a message into blocks that are drawn, and kept, one by one: while an answer grows only its last block changes,
 * so finished blocks keep their DOM, a selection in them and their colours.
 */
import { Lexer } from "marked";

import { displayMathIn, isMathOpen } from "./math";

/** Footnotes point across the whole message, so such a message stays in one piece. */
const FOOTNOTE = /\[\^[^\]\s]+\]:/;
/** Text that is added at the end changes at most the last block, or joins it to the one before. */
const UNSETTLED = 2;

interface Cut {
  /** Pieces of the source in order; joined they are the source. */
  readonly pieces: readonly string[];
  readonly definitions: readonly string[];
}

/** The blocks of one message that may grow: what was cut before is not read again. */
export class GrowingBlocks {
  private source = "";
  private cut: Cut = { pieces: [], definitions: [] };

  split(text: string): string[] {
    const source = displayMathIn(text);
    this.cut = this.canGoOn(source) ? this.goOn(source) : cutIntoPieces(source);
    this.source = source;
    const { pieces, definitions } = this.cut;
    return pieces.flatMap((piece) => {
      const block = piece.trim() === "" ? "" : piece.trimEnd();
      return block === "" ? [] : [withDefinitions(block, definitions)];
    });
  }

  private canGoOn(source: string): boolean {
    return (
      this.cut.pieces.length > UNSETTLED &&
      this.cut.definitions.length === 0 &&
      source.startsWith(this.source) &&
      !FOOTNOTE.test(source)
    );
  }

  private goOn(source: string): Cut {
    const settled = this.cut.pieces.slice(0, -UNSETTLED);
    const from = settled.reduce((sum, piece) => sum + piece.length, 0);
    const { pieces, definitions } = cutIntoPieces(source.slice(from));
    return { pieces: [...settled, ...pieces], definitions };
  }
}

export function splitBlocks(text: string): string[] {
  return new GrowingBlocks().split(text);
}

function cutIntoPieces(source: string): Cut {
  if (FOOTNOTE.test(source)) return { pieces: [source], definitions: [] };
  const pieces: string[] = [];
  const definitions: string[] = [];
  let isOpen = false;
  for (const token of new Lexer({ gfm: true }).lex(source)) {
    if (token.type === "def") definitions.push(token.raw.trim());
    const belongsToLast = isOpen || token.type === "space" || token.type === "def";
    if (belongsToLast && pieces.length > 0) {
      const added = token.type === "def" ? "\n".repeat(token.raw.length) : token.raw;
      pieces.push((pieces.pop() ?? "") + added);
    } else {
      pieces.push(token.type === "def" ? "\n".repeat(token.raw.length) : token.raw);
    }
    // The lexer knows no maths and cuts `$$ … $$` at empty lines; the halves belong together.
    if (token.type !== "space") isOpen = token.type !== "code" && isMathOpen(pieces.at(-1) ?? "");
  }
  return { pieces, definitions };
}

/** Link definitions hold for the whole message; a block that may use one gets them all. */
function withDefinitions(block: string, definitions: readonly string[]): string {
  if (definitions.length === 0 || !block.includes("[")) return block;
  return `${block}\n\n${definitions.join("\n")}`;
}
