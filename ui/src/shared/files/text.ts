/** Whether bytes are text, and which. Pure. */

const UTF_16: readonly (readonly [number, number, string])[] = [
  [0xff, 0xfe, "utf-16le"],
  [0xfe, 0xff, "utf-16be"],
];

/** The text; null where the bytes are something else. Tables that Korean programs save are read too. */
export function textIn(bytes: Uint8Array): string | null {
  const wide = UTF_16.find(([first, second]) => bytes[0] === first && bytes[1] === second);
  for (const encoding of wide === undefined ? ["utf-8", "euc-kr"] : [wide[2]]) {
    const text = decoded(bytes, encoding);
    if (text !== null && isText(text)) return text;
  }
  return null;
}

function decoded(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Control characters other than those of layout stand in no text. */
function isText(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return !/[\u0000-\u0008\u000b\u000e-\u001a\u001c-\u001f]/.test(text);
}
