import { useState } from "react";

export interface Attempt {
  readonly isBusy: boolean;
  /** Of the last try; null when it went well. */
  readonly error: unknown;
  /** Try it, one at a time; true when it went well. */
  run(what: () => Promise<unknown>): Promise<boolean>;
}

/** Something asked of the server, whose refusal stays on the page until the next try. */
export function useAttempt(): Attempt {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function run(what: () => Promise<unknown>): Promise<boolean> {
    if (isBusy) return false;
    setBusy(true);
    setError(null);
    try {
      await what();
      return true;
    } catch (refused) {
      setError(refused);
      return false;
    } finally {
      setBusy(false);
    }
  }
  return { isBusy, error, run };
}
