/** Maths in a message: which delimiters count, and none of it inside code. Dollars alone stay prices. */

/** Fenced blocks and inline code, kept apart by a split: odd places are code. */
const CODE = /(^ {0,3}(?:```|~~~)[\s\S]*?(?:^ {0,3}(?:```|~~~)[ \t]*$|$(?![\s\S]))|`[^`\n]+`)/gm;

/** `\( \)` and `\[ \]`, as models write them, become `$$`; code is left alone. */
export function displayMathIn(text: string): string {
  if (!text.includes("\\(") && !text.includes("\\[")) return text;
  return text
    .split(CODE)
    .map((piece, index) => (index % 2 === 1 ? piece : dollars(piece)))
    .join("");
}

function dollars(text: string): string {
  return text
    .replaceAll(/\\\[([\s\S]+?)\\\]/g, (_, tex: string) => `\n$$\n${tex.trim()}\n$$\n`)
    .replaceAll(/\\\((.+?)\\\)/g, (_, tex: string) => `$$${tex.trim()}$$`);
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
