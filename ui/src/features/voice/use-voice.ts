import { useEffect } from "react";
import { useStore } from "zustand";

import { useChat, useSession } from "@/shared/session";

/** Who writes speech down here: the server's recogniser, the browser's, or nobody. */
export type Writer = "server" | "browser" | null;

export function useVoice(): Writer {
  const { voice } = useSession();
  const isIn = useChat((state) => state.models.length > 0);
  const can = useStore(voice.can, (state) => state.now);
  // The server tells only whom it has let in, and that it has, the models show.
  useEffect(() => {
    if (isIn) void voice.load();
  }, [voice, isIn]);
  // Browsers give the microphone to nobody else.
  if (can === null || !globalThis.isSecureContext) return null;
  if (can.recogniser) return canRecord() ? "server" : null;
  return can.browser && recognitionMaker() !== null ? "browser" : null;
}

function canRecord(): boolean {
  return typeof MediaRecorder !== "undefined" && navigator.mediaDevices?.getUserMedia !== undefined;
}

/** What makes a SpeechRecognition; null where the browser has none. */
export function recognitionMaker(): (new () => never) | null {
  const known = globalThis as {
    SpeechRecognition?: new () => never;
    webkitSpeechRecognition?: new () => never;
  };
  return known.SpeechRecognition ?? known.webkitSpeechRecognition ?? null;
}
