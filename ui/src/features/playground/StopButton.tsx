import { Square } from "lucide-react";
import { useLayoutEffect, useRef } from "react";

import { useT } from "@/shared/i18n/i18n";
import { focusBox } from "@/shared/insert";

import { stop, useDesk } from "./desk";

/** Ends what a model writes; there only while one does, and where nothing else comes to stand when it goes. */
export function StopButton() {
  const isRunning = useDesk((desk) => desk.run.kind === "running");
  return isRunning ? <Stop /> : null;
}

function Stop() {
  const t = useT();
  const button = useRef<HTMLButtonElement>(null);
  // Synchronises the focus with its going: it would be nowhere.
  useLayoutEffect(() => {
    const { current } = button;
    return () => {
      if (document.activeElement === current) focusBox();
    };
  }, []);
  return (
    <button
      ref={button}
      type="button"
      className="button button-plain min-w-24"
      aria-keyshortcuts="Escape"
      onClick={stop}
    >
      <Square className="size-3.5 fill-current" aria-hidden />
      {t("playground.stop")}
    </button>
  );
}
