/** Whether the page on the screen was reached by the browser's back or forward button. */
let cameByHistory = false;

export function watchHistory(): void {
  addEventListener("popstate", () => {
    cameByHistory = true;
  });
}

export function wentByLink(): void {
  cameByHistory = false;
}

export function isBackOrForward(): boolean {
  return cameByHistory;
}
