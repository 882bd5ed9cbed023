/** Reading a text aloud with the browser's own voice, sentence by sentence; one text at a time. */
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const HANGUL = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/u;
const store = createStore<{ readonly id: string | null }>(() => ({ id: null }));
/** Voices that are told to stop may still report an end; only the newest reading goes on by it. */
let reading = 0;

export function canRead(): boolean {
  return "speechSynthesis" in globalThis;
}

/** Read it, instead of what is being read; `id` names it. */
export function read(id: string, text: string): void {
  stopReading();
  const sentences = sentencesOf(text);
  if (!canRead() || sentences.length === 0) return;
  store.setState({ id });
  say(sentences, (reading += 1));
}

export function stopReading(): void {
  reading += 1;
  if (canRead()) speechSynthesis.cancel();
  store.setState({ id: null });
}

export function useIsRead(id: string): boolean {
  return useStore(store, (state) => state.id === id);
}

export function isReading(): boolean {
  return store.getState().id !== null;
}

/** A sentence each: a long text in one piece is cut off by some voices, and cannot be stopped by others. */
function say([sentence, ...rest]: readonly string[], which: number): void {
  if (which !== reading) return;
  if (sentence === undefined) {
    store.setState({ id: null });
    return;
  }
  const words = new SpeechSynthesisUtterance(sentence);
  words.lang = languageOf(sentence);
  words.voice = voiceOf(words.lang);
  words.addEventListener("end", () => say(rest, which));
  words.addEventListener("error", () => which === reading && stopReading());
  speechSynthesis.speak(words);
}

/** One that speaks on this machine, if it has any: others send the words to their maker. */
function voiceOf(language: string): SpeechSynthesisVoice | null {
  const own = speechSynthesis.getVoices().filter((voice) => voice.localService);
  return own.find((voice) => voice.lang.startsWith(language.slice(0, 2))) ?? null;
}

/** Each sentence in a voice of its own language, as far as its letters tell. */
export function languageOf(sentence: string): string {
  if (HANGUL.test(sentence)) return "ko-KR";
  return document.documentElement.lang === "ko" ? "en-US" : navigator.language || "en-US";
}

export function sentencesOf(text: string): string[] {
  const cutter = new Intl.Segmenter(undefined, { granularity: "sentence" });
  return [...cutter.segment(text)]
    .map(({ segment }) => segment.trim())
    .filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
}
