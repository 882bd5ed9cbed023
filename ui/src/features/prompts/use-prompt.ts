import { variablesIn } from "@/core/prompt-text";
import type { WirePrompt } from "@/core/wire";
import { closeDialog, forgetOpener, openDialog } from "@/shared/dialogs";
import { COMPOSER_ID, insertWords } from "@/shared/insert";

/** Its words into the box, once its variables were asked for; there they can be changed before they go. */
export function takePrompt(prompt: WirePrompt): void {
  if (variablesIn(prompt.text).length > 0) openDialog({ kind: "fill", prompt: prompt.id }, theBox());
  else putInBox(prompt.text);
}

/** Where its cursor is; the dialog that is open closes, and the box gets the focus. */
export function putInBox(text: string): void {
  insertWords(text);
  forgetOpener(theBox());
  closeDialog();
}

function theBox(): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#${COMPOSER_ID}`);
}
