/** A prompt that shows a model by examples what comes after what. Pure. */

export interface Example {
  readonly input: string;
  readonly output: string;
}

export interface FewShot {
  /** Stands before the examples; may be empty. */
  readonly task: string;
  /** Stands before each input, such as `Q:`. */
  readonly before: string;
  /** Stands before each output, such as `A:`. */
  readonly after: string;
  readonly examples: readonly Example[];
  /** The input whose output the model is to write. */
  readonly asked: string;
}

/** Ends with the words before an output, and no space: a model's tokens begin with one. */
export function promptOf(form: FewShot): string {
  const whole = form.examples.filter((one) => one.input.trim() !== "" || one.output.trim() !== "");
  const shown = whole.map((one) => `${line(form.before, one.input)}\n${line(form.after, one.output)}`);
  const wanted = `${line(form.before, form.asked)}\n${form.after.trim()}`;
  return [...(form.task.trim() === "" ? [] : [form.task.trim()]), ...shown, wanted].join("\n\n");
}

/** Where the model would begin an example of its own; nothing where inputs have no name. */
export function stopsOf(form: FewShot): readonly string[] {
  const name = form.before.trim();
  return name === "" ? ["\n\n"] : [`\n${name}`];
}

function line(name: string, words: string): string {
  return [name.trim(), words.trim()].filter((part) => part !== "").join(" ");
}
