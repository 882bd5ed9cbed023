/** Commands that are written into the box: which ones fit what stands there. Pure. */

export interface SlashCommand {
  /** What is typed after the slash. */
  readonly word: string;
  /** What it does, in the language of the page. */
  readonly label: string;
  /** Choices that may follow; without them the command is run as it stands. */
  readonly choices?: readonly string[];
}

/** One line of the list. */
export interface SlashOption {
  readonly id: string;
  readonly word: string;
  readonly label: string;
  readonly choice: string | null;
}

/** What fits; empty when the text is no command. Words are matched at their beginning. */
export function optionsFor(text: string, commands: readonly SlashCommand[]): readonly SlashOption[] {
  const begun = /^\/([^\s/]*)$/.exec(text)?.[1]?.toLowerCase();
  if (begun !== undefined) {
    return commands
      .filter(({ word, label }) =>
        [word, ...label.toLowerCase().split(/\s+/)].some((one) => one.startsWith(begun)),
      )
      .map(({ word, label }) => ({ id: word, word, label, choice: null }));
  }
  const [, word, rest = ""] = /^\/(\S+)\s+(.*)$/.exec(text) ?? [];
  const command = commands.find((one) => one.word === word);
  return (command?.choices ?? [])
    .filter((choice) => choice.toLowerCase().includes(rest.trim().toLowerCase()))
    .map((choice) => ({
      id: `${command?.word} ${choice}`,
      word: command?.word ?? "",
      label: choice,
      choice,
    }));
}
