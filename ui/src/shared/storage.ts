/** The browser's storage, which may be full or forbidden: then the page works and forgets. */
export function remember(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null || value === "") storage().removeItem(key);
    else storage().setItem(key, value);
  } catch {
    // Forgetting is better than failing.
  }
}

export function recall(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch {
    return null;
  }
}

export const perBrowser = (): Storage => localStorage;
export const perTab = (): Storage => sessionStorage;
