/** The text of the playground: what a person typed and what a model wrote, told apart, and every state that it had. Pure. */

/** From and to, in UTF-16 units; `to` is behind the last one. */
export type Span = readonly [from: number, to: number];

export interface Writing {
  readonly text: string;
  /** What a model wrote of it: in order, apart from each other, none empty. */
  readonly written: readonly Span[];
}

export interface Page extends Writing {
  /** What the model last went on with; null: nothing was asked yet. */
  readonly base: Writing | null;
}

export interface Sheet {
  readonly page: Page;
  /** Oldest first. */
  readonly past: readonly Page[];
  /** Newest first; what was undone. */
  readonly future: readonly Page[];
}

export const MOST_PAGES = 100;
export const EMPTY: Sheet = { page: { text: "", written: [], base: null }, past: [], future: [] };

/** The person has changed the text. */
export function edited(sheet: Sheet, text: string): Sheet {
  const { page } = sheet;
  if (text === page.text) return sheet;
  return { ...sheet, page: { ...page, text, written: moved(page, text) } };
}

/** The person begins to change the text, which can be brought back as it was. */
export function editedAnew(sheet: Sheet, text: string): Sheet {
  if (text === sheet.page.text) return sheet;
  return { ...edited(sheet, text), past: [...sheet.past, sheet.page].slice(-MOST_PAGES) };
}

/** Another text takes the place of this one, which can be brought back. */
export function replaced(sheet: Sheet, text: string): Sheet {
  if (text === sheet.page.text) return sheet;
  return turned(sheet, { text, written: [], base: null });
}

/** A model begins to go on with the text. */
export function begun(sheet: Sheet): Sheet {
  const { text, written } = sheet.page;
  return turned(sheet, { text, written, base: { text, written } });
}

/** A model begins once more with what it went on with last. */
export function begunAgain(sheet: Sheet): Sheet {
  const { base } = sheet.page;
  return base === null ? begun(sheet) : turned(sheet, { ...base, base });
}

/** The model wrote more. */
export function continued(sheet: Sheet, more: string): Sheet {
  if (more === "") return sheet;
  const { page } = sheet;
  const from = page.text.length;
  const last = page.written.at(-1);
  const span: Span = [from, from + more.length];
  const written =
    last?.[1] === from
      ? [...page.written.slice(0, -1), [last[0], span[1]] as const]
      : [...page.written, span];
  return { ...sheet, page: { ...page, text: page.text + more, written } };
}

/** A model that wrote nothing leaves everything as it was before it began. */
export function ended(sheet: Sheet, before: Sheet): Sheet {
  return sheet.page.text === sheet.page.base?.text ? before : sheet;
}

export function undone(sheet: Sheet): Sheet {
  const before = sheet.past.at(-1);
  if (before === undefined) return sheet;
  return { page: before, past: sheet.past.slice(0, -1), future: [sheet.page, ...sheet.future] };
}

export function redone(sheet: Sheet): Sheet {
  const [after, ...future] = sheet.future;
  if (after === undefined) return sheet;
  return { page: after, past: [...sheet.past, sheet.page], future };
}

/** The text in pieces, in order, each wholly the person's or wholly a model's. */
export function pieces({
  text,
  written,
}: Writing): readonly { readonly text: string; readonly isModels: boolean }[] {
  const found: { text: string; isModels: boolean }[] = [];
  let at = 0;
  for (const [from, to] of written) {
    if (from > at) found.push({ text: text.slice(at, from), isModels: false });
    found.push({ text: text.slice(from, to), isModels: true });
    at = to;
  }
  if (at < text.length) found.push({ text: text.slice(at), isModels: false });
  return found;
}

function turned(sheet: Sheet, page: Page): Sheet {
  return { page, past: [...sheet.past, sheet.page].slice(-MOST_PAGES), future: [] };
}

/** Where the model's words stand after a change: what lies between the equal beginning and the equal end was replaced. */
function moved({ text, written }: Writing, changed: string): readonly Span[] {
  const shorter = Math.min(text.length, changed.length);
  let head = 0;
  while (head < shorter && text[head] === changed[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && text.at(-1 - tail) === changed.at(-1 - tail)) tail += 1;
  const behind = text.length - tail;
  const shift = changed.length - text.length;
  const found: Span[] = [];
  for (const [from, to] of written) {
    if (from < Math.min(to, head)) found.push([from, Math.min(to, head)]);
    if (Math.max(from, behind) < to) found.push([Math.max(from, behind) + shift, to + shift]);
  }
  return joined(found);
}

function joined(spans: readonly Span[]): readonly Span[] {
  const found: Span[] = [];
  for (const span of spans) {
    const last = found.at(-1);
    if (last?.[1] === span[0]) found[found.length - 1] = [last[0], span[1]];
    else found.push(span);
  }
  return found;
}
