/**
 * Let the page's box go through recorded events again, as if they began `since` ms after the page did, behind the words
 * `before` that stand in it. What was sent, or never came in, is `gone` characters of the recorded text.
 */
async ({ events, gone, since, before = "" }) => {
  const box = document.querySelector("#composer");
  const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  const isBreak = (note) => note.inputType === "insertLineBreak";
  let isPrevented = false;
  let value = "";
  for (const note of events) {
    // A key is a task of its own: what the page does right after the event before is done by then.
    if (note.type.startsWith("key")) await new Promise((resolve) => setTimeout(resolve));
    if (box.value === "" && value.length > gone) gone = value.length;
    value = note.value;
    if (isPrevented && isBreak(note)) {
      gone = value.length;
      continue;
    }
    await Promise.resolve();
    const init = { ...note, shiftKey: note.shift === true, bubbles: true, cancelable: true };
    const kind = note.type.startsWith("key") ? KeyboardEvent : note.type.endsWith("input") ? InputEvent : CompositionEvent;
    const event = new kind(note.type, init);
    Object.defineProperty(event, "timeStamp", { value: since + note.at });
    if (note.type === "input") set.call(box, before + value.slice(gone));
    box.dispatchEvent(event);
    if (note.type === "keydown") isPrevented = event.defaultPrevented;
  }
  await new Promise((resolve) => setTimeout(resolve));
  if (box.value === "") gone = value.length;
  return gone;
}
