/** How long a request holds up others that must come after it; without a network it may hang for minutes. */
export const PATIENCE_MS = 10_000;

/** Resolves when `asked` is over, well or not, and after `PATIENCE_MS` in any case. */
export function isOver(asked: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    asked.then(end, end);
  });
}
