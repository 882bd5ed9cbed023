import type { RefObject } from "react";
import { useEffect, useRef } from "react";

import { useSpeech } from "@/shared/i18n/i18n";

interface EarlierProps {
  readonly pane: RefObject<HTMLElement | null>;
  /** Messages that are not drawn. */
  readonly count: number;
  readonly onMore: () => void;
}

/** How far above what is seen older messages are made ready, in px. */
const AHEAD_PX = 2_000;

/** Above the oldest message that is drawn: the way to older ones, which come by themselves when one scrolls there. */
export function Earlier({ pane, count, onMore }: EarlierProps) {
  const { locale, t } = useSpeech();
  const button = useRef<HTMLButtonElement>(null);
  // Synchronises with scrolling. Each time it is put anew, because older messages push it out of what is watched.
  useEffect(() => {
    if (button.current === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && onMore(),
      { root: pane.current, rootMargin: `${AHEAD_PX}px 0px 0px 0px` },
    );
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [pane, onMore, count]);
  return (
    <p className="pb-4 text-center">
      <button ref={button} type="button" className="button button-plain" onClick={onMore}>
        {t("thread.earlier", { count: new Intl.NumberFormat(locale).format(count) })}
      </button>
    </p>
  );
}
