import { isForIme } from "@/shared/ime";

/** An attribute of what does something itself when Escape is pressed in it. */
export const KEEPS_ESCAPE = "data-keeps-escape";

/** Keeps a dialog open, which hears Escape before what is inside it does, where the key means something there. */
export function leaveEscapeInside(event: KeyboardEvent): void {
  const isKept = event.target instanceof Element && event.target.matches(`[${KEEPS_ESCAPE}]`);
  if (isKept || isForIme(event)) event.preventDefault();
}
