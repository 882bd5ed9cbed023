/** What of the playground outlives a reload: each tab has its own, and a new one begins with what was written last. */
import type { FewShot } from "@/core/few-shot";
import { EMPTY } from "@/core/sheet";
import type { Page, Sheet } from "@/core/sheet";
import { PLAYGROUND_KEY } from "@/shared/leftovers";
import { perBrowser, perTab, recall, remember } from "@/shared/storage";

export interface Settings {
  /** Null: the first that there is. */
  readonly model: string | null;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly stops: readonly string[];
}

export interface Kept {
  readonly view: "text" | "examples";
  readonly sheet: Sheet;
  readonly form: FewShot;
  readonly settings: Settings;
}

export const HOTTEST = 2;
/** As many as the server takes. */
export const MOST_STOPS = 4;
export const MOST_TOKENS = 100_000;
/** A browser keeps about five million; older pages go first. */
const MOST_CHARS = 1_000_000;

export const BLANK: Kept = {
  view: "text",
  sheet: EMPTY,
  form: { task: "", before: "Q:", after: "A:", examples: [{ input: "", output: "" }], asked: "" },
  settings: { model: null, temperature: 0.7, maxTokens: 128, stops: [] },
};

export function recallKept(): Kept {
  try {
    const text = recall(perTab, PLAYGROUND_KEY) ?? recall(perBrowser, PLAYGROUND_KEY) ?? "null";
    const kept = JSON.parse(text) as Partial<Kept> | null;
    return {
      view: kept?.view ?? BLANK.view,
      sheet: { ...BLANK.sheet, ...kept?.sheet },
      form: { ...BLANK.form, ...kept?.form },
      settings: { ...BLANK.settings, ...kept?.settings },
    };
  } catch {
    return BLANK;
  }
}

export function keep({ view, sheet, form, settings }: Kept): void {
  let left = MOST_CHARS - charsOf(sheet.page);
  const fits = (page: Page): boolean => (left -= charsOf(page)) >= 0;
  const future = sheet.future.filter(fits);
  const past = sheet.past.toReversed().filter(fits).toReversed();
  const text = JSON.stringify({ view, sheet: { page: sheet.page, past, future }, form, settings });
  for (const storage of [perTab, perBrowser]) remember(storage, PLAYGROUND_KEY, text);
}

function charsOf(page: Page): number {
  return page.text.length + (page.base?.text.length ?? 0);
}
