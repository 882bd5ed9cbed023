/** What lies on the desk of the playground: the text, the form, the settings, and the model that is at work. */
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

import { Batch } from "@/core/batch";
import { promptOf, stopsOf } from "@/core/few-shot";
import type { FewShot } from "@/core/few-shot";
import { readRaw } from "@/core/raw-stream";
import type { RawOutcome } from "@/core/raw-stream";
import type { Session } from "@/core/session";
import {
  begun,
  begunAgain,
  continued,
  edited,
  editedAnew,
  ended,
  redone,
  replaced as replacedBy,
  undone,
} from "@/core/sheet";
import type { Page, Sheet } from "@/core/sheet";
import type { WireModel } from "@/core/wire";
import { onDropped } from "@/shared/leftovers";

import { BLANK, keep, MOST_STOPS, recallKept } from "./kept";
import type { Kept, Settings } from "./kept";

export type Run =
  | { readonly kind: "idle" | "running" | "stopped" }
  | ({ readonly kind: "ended"; readonly isEmpty: boolean } & RawOutcome)
  | { readonly kind: "failed"; readonly error: unknown };

/** What a ready-made example took the place of. */
interface Replaced extends Pick<Kept, "form" | "view"> {
  readonly stops: readonly string[];
  readonly page: Page;
}

export interface Desk extends Kept {
  readonly run: Run;
  /** A stop string that is written and not yet added. */
  readonly typedStop: string;
  /** Null: nothing that would be missed. */
  readonly replaced: Replaced | null;
}

const IDLE: Run = { kind: "idle" };
const SAVED_WITHIN_MS = 300;
/** Who types on after this long begins another step of what can be undone. */
const PAUSE_MS = 1_500;

function laid(kept: Kept): Desk {
  return { ...kept, run: IDLE, typedStop: "", replaced: null };
}

const desk = createStore<Desk>(() => laid(recallKept()));
const arriving = new Batch<string>(
  (texts) => desk.setState((now) => ({ sheet: continued(now.sheet, texts.join("")) })),
  () => performance.now(),
);
let work: AbortController | null = null;
/** The sheet before the model at work began. */
let before: Sheet = desk.getState().sheet;
let saving: ReturnType<typeof setTimeout> | undefined;
let isSaved = true;
let typedAt = -Infinity;

export function useDesk<T>(select: (desk: Desk) => T): T {
  return useStore(desk, select);
}

/** Only what was changed in this tab: another one may have written something since. */
function save(): void {
  clearTimeout(saving);
  saving = undefined;
  if (isSaved) return;
  isSaved = true;
  const now = desk.getState();
  keep(work === null ? now : { ...now, sheet: ended(now.sheet, before) });
}

desk.subscribe((now, was) => {
  if (!(["view", "sheet", "form", "settings"] as const).some((part) => now[part] !== was[part])) return;
  isSaved = false;
  // While a model writes there is no end of changes.
  if (work === null) saving ??= setTimeout(save, SAVED_WITHIN_MS);
});
addEventListener("pagehide", () => {
  arriving.flush();
  save();
});
onDropped(() => {
  work?.abort();
  work = null;
  arriving.flush();
  desk.setState(laid(BLANK));
  clearTimeout(saving);
  saving = undefined;
  isSaved = true;
});

function turn(change: (sheet: Sheet) => Sheet): void {
  const { run: now, sheet } = desk.getState();
  const changed = change(sheet);
  if (now.kind === "running" || changed === sheet) return;
  typedAt = -Infinity;
  desk.setState({ sheet: changed, run: IDLE });
}

/** What is typed in one go is undone at once. */
export function write(text: string): void {
  const now = performance.now();
  const goesOn = now - typedAt < PAUSE_MS;
  turn((sheet) => (goesOn ? edited(sheet, text) : editedAnew(sheet, text)));
  typedAt = now;
}

export const undo = (): void => turn(undone);
export const redo = (): void => turn(redone);

export function show(view: Kept["view"]): void {
  desk.setState({ view });
}

export function set(settings: Partial<Settings>): void {
  desk.setState((now) => ({ settings: { ...now.settings, ...settings } }));
}

export function fill(form: Partial<FewShot>): void {
  desk.setState((now) => ({ form: { ...now.form, ...form } }));
}

export function typeStop(typedStop: string): void {
  desk.setState({ typedStop });
}

/** What is typed of a stop string becomes one, if there is room for it. */
export function addStop(): void {
  const { typedStop, settings } = desk.getState();
  const typed = typedStop.replaceAll(String.raw`\n`, "\n").replaceAll(String.raw`\t`, "\t");
  if (typed === "" || settings.stops.length >= MOST_STOPS) return;
  if (!settings.stops.includes(typed)) set({ stops: [...settings.stops, typed] });
  typeStop("");
}

/** A ready-made example takes the place of the form, or of the text. */
export function start(what: FewShot | string): void {
  const { form, view, settings, sheet } = desk.getState();
  const replaced: Replaced = { form, view, stops: settings.stops, page: sheet.page };
  if (typeof what === "string") {
    turn((now) => replacedBy(now, what));
    set({ stops: [] });
    desk.setState({ view: "text", replaced: settings.stops.length === 0 ? null : replaced });
    return;
  }
  const isBlank = JSON.stringify(form) === JSON.stringify(BLANK.form);
  desk.setState({ form: what, view: "examples", replaced: isBlank ? null : replaced });
}

/** What the ready-made example took the place of is there again. */
export function putBack(): void {
  const { replaced, sheet } = desk.getState();
  if (replaced === null) return;
  if (sheet.past.at(-1) === replaced.page) undo();
  set({ stops: replaced.stops });
  desk.setState({ form: replaced.form, view: replaced.view, replaced: null });
}

/** The form becomes the text, and what would begin the next example ends the model's part. */
export function writeForm(): void {
  const { form } = desk.getState();
  turn((sheet) => replacedBy(sheet, promptOf(form)));
  set({ stops: stopsOf(form) });
  show("text");
}

/** Those that go on with a text. */
export function rawModels(models: readonly WireModel[]): readonly WireModel[] {
  return models.filter((model) => model["maru:features"]?.includes("raw") === true);
}

/** The chosen one, while it is there. */
export function modelOf(models: readonly WireModel[], chosen: string | null): string | null {
  return (models.find((model) => model.id === chosen) ?? models[0])?.id ?? null;
}

export function stop(): boolean {
  work?.abort();
  return work !== null;
}

export const generate = (session: Session, model: string): Promise<void> => run(session, model, begun);
export const regenerate = (session: Session, model: string): Promise<void> => run(session, model, begunAgain);

async function run(session: Session, model: string, begin: (sheet: Sheet) => Sheet): Promise<void> {
  const former = desk.getState().sheet;
  const sheet = begin(former);
  if (work !== null || sheet.page.text === "") return;
  const mine = new AbortController();
  work = mine;
  before = former;
  addStop();
  typedAt = -Infinity;
  desk.setState({ sheet, run: { kind: "running" }, replaced: null });
  const { settings } = desk.getState();
  const asked = {
    model,
    prompt: sheet.page.text,
    temperature: settings.temperature,
    max_tokens: settings.maxTokens,
    stop: settings.stops,
    stream: true,
    stream_options: { include_usage: true },
  };
  let outcome: Run;
  try {
    const body = await session.goOn(asked, mine.signal);
    const told = await readRaw(body, (text) => arriving.push(text, false));
    arriving.flush();
    outcome = { kind: "ended", isEmpty: desk.getState().sheet.page.text === asked.prompt, ...told };
  } catch (error) {
    arriving.flush();
    outcome = mine.signal.aborted ? { kind: "stopped" } : { kind: "failed", error };
  }
  // What was written belongs to somebody who is gone.
  if (work !== mine) return;
  work = null;
  desk.setState((now) => ({ sheet: ended(now.sheet, former), run: outcome }));
  save();
}
