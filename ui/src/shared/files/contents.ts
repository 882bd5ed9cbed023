/** Contents of files that the server keeps: those that were looked at last, and those that were sent from here. */

const MOST_KEPT = 48;
const kept = new Map<string, Promise<Blob>>();

export function keepContent(file: string, content: Promise<Blob>): void {
  kept.delete(file);
  kept.set(file, content);
  const oldest = kept.keys().next().value;
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** @param load asks the server for what is not here. */
export function contentOf(file: string, load: (file: string) => Promise<Blob>): Promise<Blob> {
  const known = kept.get(file);
  if (known !== undefined) return known;
  const content = load(file);
  keepContent(file, content);
  content.catch(() => kept.delete(file));
  return content;
}

/** Pictures of these kinds are drawn, and no others: a drawing of lines is a program. */
const DRAWN = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

export function isDrawn({ type }: Blob): boolean {
  return DRAWN.has(type.split(";")[0]?.trim().toLowerCase() ?? "");
}
