/** Words that are looked for in what the page knows already; the server finds the rest. */
import type { WireHit } from "./wire";

/** A piece of a text, and whether it is what was looked for. */
export type Part = WireHit["snippet"][number];

/** As words are compared here: the server also makes wide and narrow forms alike. */
export function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** The words of a query, each once. */
export function wordsOf(query: string): string[] {
  return [...new Set(folded(query).split(/\s+/u).filter(Boolean))];
}

export function hasAll(text: string, words: readonly string[]): boolean {
  const there = folded(text);
  return words.every((word) => there.includes(word));
}

/** From where to where the words stand in `text`, in order, those that touch each other as one. */
export function marksIn(text: string, words: readonly string[]): [number, number][] {
  const there = folded(text);
  // A letter that folds to several would shift all places after it.
  if (there.length !== text.length) return [];
  const found = words.flatMap((word) => placesOf(there, word)).toSorted(([one], [other]) => one - other);
  const marks: [number, number][] = [];
  for (const [begin, end] of found) {
    const last = marks.at(-1);
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end);
    else marks.push([begin, end]);
  }
  return marks;
}

/** The text in pieces, with each of the words marked. */
export function partsOf(text: string, words: readonly string[]): Part[] {
  const shown = text.normalize("NFC");
  const parts: Part[] = [];
  let at = 0;
  for (const [begin, end] of marksIn(shown, words)) {
    if (begin > at) parts.push({ text: shown.slice(at, begin), match: false });
    parts.push({ text: shown.slice(begin, end), match: true });
    at = end;
  }
  if (at < shown.length) parts.push({ text: shown.slice(at), match: false });
  return parts;
}

function placesOf(there: string, word: string): [number, number][] {
  const places: [number, number][] = [];
  if (word === "") return places;
  for (let at = there.indexOf(word); at >= 0; at = there.indexOf(word, at + word.length)) {
    places.push([at, at + word.length]);
  }
  return places;
}
