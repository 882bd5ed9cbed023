/** Listens with the browser's own recogniser, which may send what it hears to the browser's maker. */
import type { Ear, Listen, TroubleKind } from "./ear";
import { VoiceError } from "./ear";

/** What browsers call SpeechRecognition; no library of types knows it yet. */
interface Recognition extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  start(): void;
  stop(): void;
  abort(): void;
}

interface RecognitionEvent extends Event {
  readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }>>;
  readonly error?: string;
}

type Maker = new () => Recognition;

const KINDS: Readonly<Record<string, TroubleKind>> = {
  "not-allowed": "refused",
  "service-not-allowed": "refused",
  "audio-capture": "noMicrophone",
  "no-speech": "empty",
  network: "network",
  "language-not-supported": "language",
};

export function browserEar(maker: Maker, language: string): Listen {
  return (hears) => {
    const recognition = new maker();
    recognition.lang = language;
    recognition.continuous = true;
    recognition.interimResults = true;
    let words = "";
    let trouble: VoiceError | null = null;
    let isOver = false;
    const over = new Promise<void>((resolve) => {
      recognition.addEventListener("end", () => {
        isOver = true;
        resolve();
        hears.ended();
      });
    });
    recognition.addEventListener("result", (event) => {
      const { results } = event as RecognitionEvent;
      words = Array.from(results, (result) => result[0]?.transcript.trim() ?? "")
        .filter(Boolean)
        .join(" ");
      hears.words(words);
    });
    recognition.addEventListener("error", (event) => {
      const { error = "" } = event as RecognitionEvent;
      if (error !== "aborted") trouble = new VoiceError(KINDS[error] ?? "failed", error);
    });
    recognition.start();
    const ear: Ear = {
      keepsSound: false,
      async stop() {
        if (!isOver) recognition.stop();
        await over;
        // What was understood before it broke off is worth more than to hear that it broke off.
        if (trouble !== null && words === "") throw trouble;
        return words;
      },
      cancel() {
        recognition.abort();
      },
    };
    return Promise.resolve(ear);
  };
}
