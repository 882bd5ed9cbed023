/** Answers being put in order: a list, best first, in which each may be as good as the one above. Pure. */

export interface RankedRow {
  readonly item: string;
  /** As good as the row above; never true of the first. */
  readonly isTied: boolean;
}

export type Places = readonly (readonly string[])[];

/** The rows of a ranking, with answers that it does not know at the end. */
export function rowsOf(places: Places, items: readonly string[]): RankedRow[] {
  const known = new Set(items);
  const rows: RankedRow[] = [];
  for (const place of places) {
    const kept = place.filter((item) => known.has(item));
    rows.push(...kept.map((item, index) => ({ item, isTied: index > 0 })));
  }
  const ranked = new Set(rows.map((row) => row.item));
  return [...rows, ...items.filter((item) => !ranked.has(item)).map((item) => ({ item, isTied: false }))];
}

export function placesOf(rows: readonly RankedRow[]): string[][] {
  const places: string[][] = [];
  for (const row of rows) {
    const last = places.at(-1);
    if (row.isTied && last !== undefined) last.push(row.item);
    else places.push([row.item]);
  }
  return places;
}

/** The place of each row, from 1; rows that are as good as each other share one. */
export function numbersOf(rows: readonly RankedRow[]): number[] {
  const numbers: number[] = [];
  for (const [index, row] of rows.entries()) numbers.push(row.isTied ? (numbers.at(-1) ?? 1) : index + 1);
  return numbers;
}

/** `rows` with the row at `from` at `to`; it leaves its equals, and between two equals it becomes one of them. */
export function movedRow(rows: readonly RankedRow[], from: number, to: number): RankedRow[] {
  const row = rows[from];
  const target = Math.max(0, Math.min(rows.length - 1, to));
  if (row === undefined || target === from) return [...rows];
  const rest = rows.flatMap((one, index) => {
    if (index === from) return [];
    // Whoever was tied to the row that goes is tied to the one above it, if that one was in the same place.
    return [index === from + 1 && one.isTied ? { ...one, isTied: row.isTied } : one];
  });
  return [...rest.slice(0, target), { ...row, isTied: rest[target]?.isTied ?? false }, ...rest.slice(target)];
}

/** The row at `index` made as good as the one above, or no longer. */
export function tied(rows: readonly RankedRow[], index: number, isTied: boolean): RankedRow[] {
  return rows.map((row, at) => (at === index && at > 0 ? { ...row, isTied } : row));
}
