/** How large what is attached may be, and how it is named. Pure. */

/** A model looks at no more of a picture than this; the longest edge, in pixels. */
export const LONGEST_EDGE_PX = 2048;
/** Of a picture as it comes; it is made smaller. */
export const MOST_IMAGE_BYTES = 64 * 1024 * 1024;
/** Of a text; no model reads more. */
export const MOST_TEXT_BYTES = 4 * 1024 * 1024;
/** A picture without loss that is larger goes with a little. */
export const MOST_LOSSLESS_BYTES = 3 * 1024 * 1024;

/** Width and height that keep their proportion and fit the edge; never larger than they are, never less than one. */
export function fitted(width: number, height: number, edge: number): { width: number; height: number } {
  const scale = Math.min(1, edge / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

const ENDINGS: Readonly<Record<string, string>> = {
  "image/png": ".png",
  "image/jpeg": ".jpg",
  "image/gif": ".gif",
  "image/webp": ".webp",
};

/** The name with the ending of what the picture became. */
export function named(name: string, type: string): string {
  const ending = ENDINGS[type] ?? "";
  const stem = name.replace(/\.[A-Za-z0-9]{1,5}$/, "") || "image";
  const isRight = name.toLowerCase().endsWith(ending) || (ending === ".jpg" && /\.jpeg$/i.test(name));
  return isRight && name !== ending ? name : stem + ending;
}
