import { useEffect, useRef, useState } from "react";

import { copyText } from "@/shared/clipboard";

/** How long "Copied" is shown. */
const SHOWN_MS = 1_500;

export interface Copy {
  readonly isDone: boolean;
  run(text: string): void;
}

/** Copies text and says for a moment that it did. */
export function useCopy(): Copy {
  const [isDone, setDone] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  async function run(text: string): Promise<void> {
    if (!(await copyText(text))) return;
    setDone(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setDone(false), SHOWN_MS);
  }
  return { isDone, run: (text) => void run(text) };
}
