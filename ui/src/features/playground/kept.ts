/** What of the playground outlives a reload, in this browser. */
import type { FewShot } from "@/core/few-shot";
import { EMPTY } from "@/core/sheet";
import type { Page, Sheet } from "@/core/sheet";
import { perBrowser, recall, remember } from "@/shared/storage";

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
const KEY = "maru.playground";
/** A browser keeps about five million; older pages go first. */
const MOST_CHARS = 1_000_000;

const BLANK: Kept = {
  view: "text",
  sheet: EMPTY,
  form: { task: "", before: "Q:", after: "A:", examples: [{ input: "", output: "" }], asked: "" },
  settings: { model: null, temperature: 0.7, maxTokens: 128, stops: [] },
};

export function recallKept(): Kept {
  try {
    const kept = JSON.parse(recall(perBrowser, KEY) ?? "null") as Partial<Kept> | null;
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
  remember(
    perBrowser,
    KEY,
    JSON.stringify({ view, sheet: { page: sheet.page, past, future }, form, settings }),
  );
}

function charsOf(page: Page): number {
  return page.text.length + (page.base?.text.length ?? 0);
}
