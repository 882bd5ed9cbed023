/** The text of a prompt: its places for variables, and what changed from one version to the next. Pure. */

export interface Variable {
  readonly name: string;
  /** What it is unless something else is written; empty: nothing. */
  readonly preset: string;
}

/** `{{name}}` or `{{name:preset}}`; a name has letters, digits, spaces, `-` and `_`. */
const PLACE = /\{\{[^\S\n]*([\p{L}\p{N}_-](?:[\p{L}\p{N}_ -]*[\p{L}\p{N}_-])?)[^\S\n]*(?::([^{}]*))?\}\}/gu;

/** In the order of their first places; a preset counts wherever it stands first. */
export function variablesIn(text: string): readonly Variable[] {
  const found = new Map<string, string>();
  for (const [, name = "", preset] of text.matchAll(PLACE)) {
    if (!found.get(name)) found.set(name, preset?.trim() ?? "");
  }
  return [...found].map(([name, preset]) => ({ name, preset }));
}

/** The text with its places filled; what a value holds is not looked at again. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(PLACE, (place, name: string) => values[name] ?? place);
}

export interface ChangedLine {
  readonly kind: "same" | "added" | "removed";
  readonly text: string;
}

/** More than so many pairs of lines are not compared one by one. */
const MOST_PAIRS = 1_000_000;

/** The lines of both texts, with what went and what came. */
export function changesBetween(before: string, after: string): readonly ChangedLine[] {
  const old = before.split("\n");
  const now = after.split("\n");
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  return [
    ...old.slice(0, start).map(same),
    ...between(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map(same),
  ];
}

function same(text: string): ChangedLine {
  return { kind: "same", text };
}

function removed(text: string): ChangedLine {
  return { kind: "removed", text };
}

function added(text: string): ChangedLine {
  return { kind: "added", text };
}

function between(old: readonly string[], now: readonly string[]): ChangedLine[] {
  if (old.length * now.length > MOST_PAIRS) return [...old.map(removed), ...now.map(added)];
  const common = commonLengths(old, now);
  const lines: ChangedLine[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [one, other] = [old[i], now[j]];
    if (one !== undefined && one === other) {
      lines.push(same(one));
      i += 1;
      j += 1;
    } else if (one !== undefined && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? -1)) {
      lines.push(removed(one));
      i += 1;
    } else if (other !== undefined) {
      lines.push(added(other));
      j += 1;
    } else {
      lines.push(removed(one ?? ""));
      i += 1;
    }
  }
  return lines;
}

/** Of what follows each pair of places: how many lines both have in the same order. */
function commonLengths(old: readonly string[], now: readonly string[]): readonly (readonly number[])[] {
  const lengths = Array.from({ length: old.length + 1 }, () =>
    Array.from({ length: now.length + 1 }, () => 0),
  );
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const row = lengths[i];
      const below = lengths[i + 1];
      if (row === undefined || below === undefined) continue;
      row[j] = old[i] === now[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return lengths;
}
