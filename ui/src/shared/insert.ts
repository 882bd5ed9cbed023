/** The id of the box that one writes in: how the rest of the page finds it. */
export const COMPOSER_ID = "composer";

/** Put words where the cursor of the message box stands, and the cursor behind them. */
export function insertWords(words: string): void {
  const box = document.querySelector<HTMLTextAreaElement>(`#${COMPOSER_ID}`);
  if (box === null) return;
  box.focus();
  box.setRangeText(words, box.selectionStart, box.selectionEnd, "end");
  // React hears of it by this.
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

export function focusBox(): void {
  document.querySelector<HTMLElement>(`#${COMPOSER_ID}`)?.focus();
}
