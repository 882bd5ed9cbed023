/** Commands that are written into the box: which ones fit what stands there. Pure. */
import type { CommandWord } from "@/core/command-words";

/** What the page itself runs. */
export interface BuiltIn {
  readonly kind: "command";
  /** What is typed after the slash. */
  readonly word: CommandWord;
  /** What it does, in the language of the page. */
  readonly label: string;
  /** Choices that may follow; without them the command is run as it stands. */
  readonly choices?: readonly string[];
}

/** A prompt of the person, whose word an older page or a program may have taken from a command. */
export interface PromptCommand {
  readonly kind: "prompt";
  readonly word: string;
  readonly label: string;
}

/** One line of the list. */
export interface SlashOption {
  readonly id: string;
  readonly command: BuiltIn | PromptCommand;
  readonly choice: string | null;
}

/** What fits; empty when the text is no command. Words are matched at their beginning. */
export function optionsFor(
  text: string,
  commands: readonly (BuiltIn | PromptCommand)[],
): readonly SlashOption[] {
  const begun = /^\/([^\s/]*)$/.exec(text)?.[1]?.toLowerCase();
  if (begun !== undefined) {
    return commands
      .filter(({ word, label }) =>
        [word, ...label.toLowerCase().split(/\s+/)].some((one) => one.startsWith(begun)),
      )
      .map((command) => ({ id: `${command.kind} ${command.word}`, command, choice: null }));
  }
  const [, word, rest = ""] = /^\/(\S+)\s+(.*)$/.exec(text) ?? [];
  const command = commands.find((one) => one.kind === "command" && one.word === word);
  if (command?.kind !== "command") return [];
  return (command.choices ?? [])
    .filter((choice) => choice.toLowerCase().includes(rest.trim().toLowerCase()))
    .map((choice) => ({ id: `${command.kind} ${command.word} ${choice}`, command, choice }));
}
