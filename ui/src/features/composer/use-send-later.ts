import { useEffect, useEffectEvent, useState } from "react";

export interface SendLater {
  /** The person has sent it, and it goes when everything is there. */
  readonly isWaiting: boolean;
  wait(): void;
  stop(): void;
}

/** Sends a message when its files have arrived. Synchronises with their uploads. */
export function useSendLater(open: string | null, isBusy: boolean, send: () => void): SendLater {
  const [waitsIn, setWaitsIn] = useState<{ readonly of: string | null } | null>(null);
  const isWaiting = waitsIn !== null && waitsIn.of === open;
  const go = useEffectEvent(() => {
    setWaitsIn(null);
    send();
  });
  useEffect(() => {
    if (!isWaiting || isBusy) return undefined;
    const timer = setTimeout(go);
    return () => clearTimeout(timer);
  }, [isWaiting, isBusy]);
  return { isWaiting, wait: () => setWaitsIn({ of: open }), stop: () => setWaitsIn(null) };
}
