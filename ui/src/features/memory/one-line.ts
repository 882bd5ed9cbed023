/** A fact is one line: whatever ends a line, or is any other control character, becomes a space. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, " ").trim();
}

/** Characters as the server counts them: an emoji is one, though JavaScript says two. */
export function lengthOf(text: string): number {
  return [...text].length;
}
