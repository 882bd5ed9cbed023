/** As the `ref` of a box that one writes in: the cursor stands at its end. */
export function focusEnd(box: HTMLTextAreaElement | HTMLInputElement | null): void {
  if (box === null || document.activeElement === box) return;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}
