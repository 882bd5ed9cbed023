/** What lies on the desk of the playground: the text, the form, the settings, and the model that is at work. */
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

import { promptOf, stopsOf } from "@/core/few-shot";
import type { FewShot } from "@/core/few-shot";
import { readRaw } from "@/core/raw-stream";
import type { RawOutcome } from "@/core/raw-stream";
import type { Session } from "@/core/session";
import { begun, begunAgain, continued, edited, ended, redone, replaced, undone } from "@/core/sheet";
import type { Sheet } from "@/core/sheet";
import type { WireModel } from "@/core/wire";

import { keep, recallKept } from "./kept";
import type { Kept, Settings } from "./kept";

export type Run =
  | { readonly kind: "idle" | "running" | "stopped" }
  | ({ readonly kind: "ended"; readonly isEmpty: boolean } & RawOutcome)
  | { readonly kind: "failed"; readonly error: unknown };

export interface Desk extends Kept {
  readonly run: Run;
}

const IDLE: Run = { kind: "idle" };
const SAVED_WITHIN_MS = 300;

const desk = createStore<Desk>(() => ({ ...recallKept(), run: IDLE }));
let work: AbortController | null = null;
let saving: ReturnType<typeof setTimeout> | undefined;

export function useDesk<T>(select: (desk: Desk) => T): T {
  return useStore(desk, select);
}

function save(): void {
  clearTimeout(saving);
  saving = undefined;
  keep(desk.getState());
}

desk.subscribe(() => {
  saving ??= setTimeout(save, SAVED_WITHIN_MS);
});
addEventListener("pagehide", save);

function turn(change: (sheet: Sheet) => Sheet): void {
  if (desk.getState().run.kind === "running") return;
  desk.setState(({ sheet }) => ({ sheet: change(sheet), run: IDLE }));
}

export const write = (text: string): void => turn((sheet) => edited(sheet, text));
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

/** A ready-made example takes the place of the form, or of the text. */
export function start(what: FewShot | string): void {
  if (typeof what === "string") {
    turn((sheet) => replaced(sheet, what));
    set({ stops: [] });
    show("text");
    return;
  }
  desk.setState({ form: what });
  show("examples");
}

/** The form becomes the text, and what would begin the next example ends the model's part. */
export function writeForm(): void {
  const { form } = desk.getState();
  turn((sheet) => replaced(sheet, promptOf(form)));
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
  if (work !== null) return;
  const mine = new AbortController();
  work = mine;
  desk.setState(({ sheet }) => ({ sheet: begin(sheet), run: { kind: "running" } }));
  const { sheet, settings } = desk.getState();
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
    const told = await readRaw(body, (text) =>
      desk.setState((now) => ({ sheet: continued(now.sheet, text) })),
    );
    outcome = { kind: "ended", isEmpty: desk.getState().sheet.page.text === asked.prompt, ...told };
  } catch (error) {
    outcome = mine.signal.aborted ? { kind: "stopped" } : { kind: "failed", error };
  }
  work = null;
  desk.setState((now) => ({ sheet: ended(now.sheet), run: outcome }));
}
