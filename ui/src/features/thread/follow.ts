/**
 * Whether the page follows the growing end of a conversation; pure, so that the rules can be tested without a layout.
 *
 * Following stops the moment somebody moves up, and starts again when they reach the end. Our own scrolling is told
 * apart by its direction: it only ever goes down.
 */

/** Nearer to the end than this counts as at the end, in px. */
export const AT_END_PX = 32;
/** Further from the end than this shows the way back, in px. */
export const FAR_PX = 160;
/** A question that was just sent stands this far below the upper edge, in px. */
export const TOP_GAP_PX = 20;

export interface Place {
  readonly top: number;
  /** Distance from the end. */
  readonly rest: number;
}

export interface Following {
  readonly isPinned: boolean;
  readonly last: Place;
}

export const AT_THE_END: Following = { isPinned: true, last: { top: 0, rest: 0 } };

export function scrolled(before: Following, now: Place): Following {
  const moved = now.top - before.last.top;
  if (moved < -1 && now.rest > 2) return { isPinned: false, last: now };
  if (moved > 0 && now.rest <= AT_END_PX) return { isPinned: true, last: now };
  return { isPinned: before.isPinned, last: now };
}

/** Wheel, touch or key upwards: they are heard before the page has moved. */
export function pulledUp(before: Following): Following {
  return { ...before, isPinned: false };
}

export function sentToEnd(before: Following): Following {
  return { ...before, isPinned: true };
}

/**
 * Empty room below the messages, in px, with which the end of the page shows the newest question near the top. It
 * shrinks as the answer grows, so that nothing on the screen moves until the answer is longer than the screen.
 *
 * @param pane height of what is seen at once.
 * @param below from the upper edge of the question to the end of everything below it, without the spacer.
 */
export function spacerHeight(pane: number, below: number): number {
  return Math.max(0, Math.floor(pane - TOP_GAP_PX - below));
}
