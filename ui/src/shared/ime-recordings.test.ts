/**
 * What browsers on Linux did with real input methods, event by event: `tests/support/ime/record.py` says how they were
 * recorded and what is real about them.
 */
import { describe, expect, it } from "vitest";

import { ImeEnter } from "./ime";

interface RecordedEvent {
  readonly type: string;
  readonly key?: string;
  readonly code?: string;
  readonly keyCode?: number;
  readonly shift?: boolean;
  readonly isComposing?: boolean;
  readonly data?: string;
  readonly inputType?: string;
  /** Of the box, when the event came. */
  readonly value: string;
  /** When it happened, in ms, as the event says. */
  readonly at?: number;
}

interface Scenario {
  readonly name: string;
  readonly steps: readonly { readonly keys: string; readonly sends: string | null }[];
  readonly events: readonly RecordedEvent[];
}

interface Recording {
  readonly browser: string;
  readonly version: string;
  readonly input_method: string;
  readonly scenarios: readonly Scenario[];
}

const RECORDINGS = Object.values(
  import.meta.glob<Recording>("../../../tests/recordings/ime/*.json", { eager: true, import: "default" }),
);

/** What the page's box would have sent by the end of each step. */
function replay(events: readonly RecordedEvent[]): string[][] {
  const ime = new ImeEnter();
  const steps: string[][] = [[]];
  let isDue = false;
  let value = "";
  /** How much of the recorded text is not in the page's box any more: it was sent, or never came in. */
  let gone = 0;
  let isPrevented = false;

  function send(): void {
    const text = value.slice(gone).trim();
    gone = value.length;
    if (text !== "") steps.at(-1)?.push(text);
  }

  for (const event of events) {
    if (isDue && ["keydown", "keyup", "mark"].includes(event.type)) {
      isDue = false;
      send();
    }
    value = event.value;
    if (event.type === "mark") steps.push([]);
    if (event.type === "compositionupdate") ime.compositionUpdated(event.data ?? "");
    if (event.type === "compositionend") isDue ||= ime.compositionEnded(event.data ?? "", event.at ?? 0);
    if (event.type === "input" && event.inputType === "insertLineBreak" && isPrevented) gone = value.length;
    if (event.type !== "keydown") continue;
    isPrevented = false;
    if ((event.key !== "Enter" && event.code !== "Enter") || event.shift === true) continue;
    const { keyCode = 0, isComposing = false } = event;
    const meaning = ime.enterPressed({ keyCode, isComposing }, event.at ?? 0);
    isPrevented = meaning !== "ignore";
    if (meaning === "send") send();
  }
  return steps.slice(0, -1);
}

it("there are recordings of each browser and of each language", () => {
  const names = RECORDINGS.map(({ browser, input_method }) => `${browser} ${input_method.split(" ")[0]}`);
  for (const browser of ["chromium", "firefox", "webkitgtk"])
    for (const language of ["hangul", "pinyin", "anthy"])
      expect(names.filter((name) => name.startsWith(browser) && name.endsWith(language))).not.toEqual([]);
});

describe.each(RECORDINGS.map((recording) => [recording.browser, recording.input_method, recording] as const))(
  "%s with %s",
  (_, __, { scenarios }) => {
    it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
      "%s",
      (_name, { steps, events }) => {
        const typed = events.findLast((event) => event.type === "mark")?.value.trim();
        const wanted = steps.map(({ sends }) => (sends === null ? [] : [sends === "*" ? typed : sends]));
        expect(replay(events)).toEqual(wanted);
      },
    );
  },
);
