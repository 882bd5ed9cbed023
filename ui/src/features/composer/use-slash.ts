import type { KeyboardEvent } from "react";
import { useEffect, useMemo, useState } from "react";

import type { CommandWord } from "@/core/command-words";
import { isReady, isRunning, openThread } from "@/core/state";
import { turnsOf } from "@/core/tree";
import type { Session } from "@/core/session";
import { variablesIn } from "@/core/prompt-text";
import type { WirePrompt } from "@/core/wire";
import { takePrompt } from "@/features/prompts/use-prompt";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { useChat, useSession } from "@/shared/session";

import type { BuiltIn, PromptCommand, SlashOption } from "./slash";
import { optionsFor } from "./slash";

export interface Slash {
  readonly options: readonly SlashOption[];
  readonly active: number;
  pick(option: SlashOption): void;
  /** True when the key was meant for the list; an Enter is none, because it may end what is being composed. */
  keyPressed(event: KeyboardEvent): boolean;
  /** An Enter came while this stood in the box, which may be newer than `text`; false when it fits no command. */
  enter(text: string): boolean;
}

/** The commands for what stands in the box. */
export function useSlash(text: string, setText: (text: string) => void): Slash {
  const session = useSession();
  const commands = useCommands();
  const prompts = useChat((state) => state.prompts.list);
  const isBegun = text.startsWith("/");
  // Synchronises with what another device may have saved, when somebody looks for it.
  useEffect(() => {
    if (isBegun) void session.prompts.load();
  }, [session, isBegun]);
  const [place, setPlace] = useState({ text: "", active: 0, isClosed: false });
  const all = useMemo(() => [...commands, ...commandsOf(prompts)], [commands, prompts]);
  const found = useMemo(() => optionsFor(text, all), [text, all]);
  const isHere = place.text === text;
  const options = isHere && place.isClosed ? [] : found;
  const active = isHere ? Math.min(place.active, options.length - 1) : 0;

  function enter(now: string): boolean {
    const option = now === text ? options[active] : optionsFor(now, all)[0];
    if (option !== undefined) pick(option);
    return option !== undefined;
  }

  function pick({ command, choice }: SlashOption): void {
    if (command.kind === "prompt") {
      pickPrompt(command.word);
    } else if (choice === null && command.choices !== undefined) {
      setText(`/${command.word} `);
    } else {
      setText("");
      run(session, command.word, choice);
    }
  }

  function pickPrompt(word: string): void {
    const prompt = prompts.find((one) => one.word === word);
    if (prompt === undefined) return;
    const isWhole = variablesIn(prompt.text).length === 0;
    setText(isWhole ? prompt.text : "");
    if (!isWhole) takePrompt(prompt);
  }

  function keyPressed(event: KeyboardEvent): boolean {
    const option = options[active];
    if (option === undefined || isForIme(event.nativeEvent)) return false;
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) {
      setPlace({ text, active: (active + step + options.length) % options.length, isClosed: false });
    } else if (event.key === "Escape") {
      setPlace({ text, active, isClosed: true });
    } else if (event.key === "Tab" && !event.shiftKey) {
      pick(option);
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  return { options, active, pick, keyPressed, enter };
}

function useCommands(): readonly BuiltIn[] {
  const t = useT();
  const models = useChat((state) => state.models);
  const canAgain = useChat(
    (state) => !isRunning(state, state.open) && openThread(state).head !== null && state.open !== null,
  );
  return useMemo(
    () => [
      { kind: "command", word: "new", label: t("slash.new") },
      { kind: "command", word: "temporary", label: t("slash.temporary") },
      {
        kind: "command",
        word: "model",
        label: t("slash.model"),
        choices: models.filter((model) => isReady(model)).map((model) => model.id),
      },
      { kind: "command", word: "compare", label: t("slash.compare") },
      ...(canAgain ? [{ kind: "command", word: "again", label: t("slash.again") } as const] : []),
      { kind: "command", word: "search", label: t("slash.search") },
      { kind: "command", word: "memory", label: t("slash.memory") },
      { kind: "command", word: "instructions", label: t("slash.instructions") },
      { kind: "command", word: "prompts", label: t("slash.prompts") },
      { kind: "command", word: "keys", label: t("slash.keys") },
    ],
    [t, models, canAgain],
  );
}

/** The prompts of the person, each used by its word. */
function commandsOf(prompts: readonly WirePrompt[]): readonly PromptCommand[] {
  return prompts.map(({ word, title }) => ({ kind: "prompt", word, label: title }));
}

function run(session: Session, word: CommandWord, choice: string | null): void {
  if (word === "new") session.newChat();
  if (word === "temporary") {
    session.newChat();
    session.setTemporary(true);
  }
  if (word === "model" && choice !== null) session.pickModel(choice);
  if (word === "compare") openDialog({ kind: "compare", prompt: null });
  if (word === "again") again(session);
  if (word === "search") openDialog({ kind: "palette" });
  if (word === "memory") openDialog({ kind: "facts" });
  if (word === "instructions") openDialog({ kind: "custom" });
  if (word === "prompts") openDialog({ kind: "prompts", text: null });
  if (word === "keys") openDialog({ kind: "shortcuts" });
}

function again(session: Session): void {
  const last = turnsOf(openThread(session.store.getState())).at(-1);
  const id = last?.ids[0];
  if (id === undefined) return;
  if (last?.role === "assistant") session.regenerate(id);
  else session.retry(id);
}
