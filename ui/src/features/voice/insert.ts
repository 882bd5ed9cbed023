/** Puts words where one writes. */

/** The words with the space that they need between what stands before and behind them. */
export function spaced(before: string, words: string, after: string): string {
  const start = before === "" || /\s$/u.test(before) ? "" : " ";
  const end = after === "" || /^[\s.,!?;:)\]}…。、]/u.test(after) ? "" : " ";
  return start + words + end;
}

/** In the place of what is selected; it can be undone like what was typed. */
export function insertWords(box: HTMLTextAreaElement, words: string): void {
  const { selectionStart, selectionEnd, value } = box;
  const text = spaced(value.slice(0, selectionStart), words, value.slice(selectionEnd));
  box.focus();
  // The one way to insert that the browser's undo knows of.
  if (document.execCommand("insertText", false, text)) return;
  box.setRangeText(text, selectionStart, selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
