/** Maths in a message: which delimiters count, and none of it inside code or addresses. Prices stay prices. */

/** Fenced blocks, inline code and addresses, kept apart by a split: odd places are those. */
const CODE = /(^ {0,3}(?:```|~~~)[\s\S]*?(?:^ {0,3}(?:```|~~~)[ \t]*$|$(?![\s\S]))|`[^`\n]+`)/gm;
const ADDRESS = /(https?:\/\/\S+|\]\([^)\s]*\))/g;
/** A line that is one formula, as far as it may stand inside of a list or a quotation. */
const LINE = /^([ \t>]*)\$\$(?!\$)(.+?)\$\$[ \t]*$/gm;
const BRACKETS_LINE = /^([ \t>]*)\\\[([\s\S]+?)\\\][ \t]*$/gm;
/** As pandoc reads it: no space inside, and after the end no figure; no letter outside either, as in `US$` or `$HOME`. */
const INLINE = /(?<![\\$A-Za-z0-9])\$(?![\s$])([^$\n]{1,400}?)(?<![\s\\])\$(?![$A-Za-z0-9])/g;

const TEX_SIGN = /[\\^_{}=<>]/;
const WORD = /[A-Za-z]{2,}|[\u3131-\u318e\uac00-\ud7a3]/g;

/** The delimiters that models write, `\( \)`, `\[ \]`, `$ $` and `$$ $$`, become `$$` as remark-math takes it. */
export function displayMathIn(text: string): string {
  if (!text.includes("\\(") && !text.includes("\\[") && !text.includes("$")) return text;
  return outside(text, CODE, (piece) => outside(display(piece), ADDRESS, inline));
}

function outside(text: string, kept: RegExp, change: (piece: string) => string): string {
  return text
    .split(kept)
    .map((piece, index) => (index % 2 === 1 ? piece : change(piece)))
    .join("");
}

function display(text: string): string {
  return text
    .replaceAll(BRACKETS_LINE, (_, before: string, tex: string) => fenced(before, tex))
    .replaceAll(/\\\[([\s\S]+?)\\\]/g, (_, tex: string) => `\n$$\n${tex.trim()}\n$$\n`)
    .replaceAll(LINE, (_, before: string, tex: string) => fenced(before, tex));
}

function fenced(before: string, tex: string): string {
  return `${before}$$\n${before}${tex.trim()}\n${before}$$`;
}

function inline(text: string): string {
  return text
    .replaceAll(/\\\((.+?)\\\)/g, (_, tex: string) => `$$${tex.trim()}$$`)
    .replaceAll(INLINE, (all, tex: string, at: number, whole: string) =>
      isProse(tex) || (isSum(tex) && at + all.length === whole.length) ? all : `$$${tex}$$`,
    );
}

/** "5 and 10", between two signs of money. */
function isProse(tex: string): boolean {
  if (TEX_SIGN.test(tex)) return false;
  const words = tex.match(WORD)?.length ?? 0;
  return words > 1 || (words === 1 && /^\d/.test(tex) && /\s/.test(tex));
}

/** "10-" may be one; where the text ends, a figure may still come after it. */
function isSum(tex: string): boolean {
  return /^\d/.test(tex) && !TEX_SIGN.test(tex);
}

export function isMathOpen(block: string): boolean {
  return dollarPairs(block) % 2 === 1;
}

export function hasMath(block: string): boolean {
  return dollarPairs(block) >= 2;
}

function dollarPairs(block: string): number {
  if (!block.includes("$$")) return 0;
  const words = block.split(CODE).filter((_, index) => index % 2 === 0);
  return words.join("").split("$$").length - 1;
}
