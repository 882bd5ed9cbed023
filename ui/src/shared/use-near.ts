import type { RefCallback } from "react";
import { useCallback, useState } from "react";

/** So far from the screen something is fetched already. */
const MARGIN = "800px";

/** Whether an element is, or was, near the screen, and its `ref`. Synchronises with where the page is scrolled to. */
export function useNear(): [RefCallback<HTMLElement>, boolean] {
  const [isNear, setNear] = useState(false);
  const watch = useCallback((element: HTMLElement | null) => {
    if (element === null) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        setNear(true);
        observer.disconnect();
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [watch, isNear];
}
