import { Check, X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";

import { useSpeech } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { useSession } from "@/shared/session";
import { perBrowser, recall, remember } from "@/shared/storage";

import { browserEar } from "./browser-ear";
import { Dictation } from "./dictation";
import { insertWords } from "./insert";
import { recorderEar } from "./recorder-ear";
import type { Writer } from "./use-voice";
import { recognitionMaker } from "./use-voice";

const AGREED_KEY = "maru.voice.agreed";
const LANGUAGES = { en: "en-US", ko: "ko-KR" } as const;

interface VoiceBarProps {
  readonly writer: Exclude<Writer, null>;
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly onEnd: () => void;
}

/** In the message box while somebody speaks; its words are put where the caret is, and sent by nobody. */
export default function VoiceBar({ writer, box, onEnd }: VoiceBarProps) {
  const [isAgreed, setAgreed] = useState(
    () => writer === "server" || recall(perBrowser, AGREED_KEY) === "yes",
  );
  function agree(): void {
    remember(perBrowser, AGREED_KEY, "yes");
    setAgreed(true);
  }
  function leave(): void {
    onEnd();
    box.current?.focus();
  }
  if (!isAgreed) return <Notice onAgree={agree} onLeave={leave} />;
  return <Listening writer={writer} box={box} onEnd={onEnd} />;
}

function Notice({ onAgree, onLeave }: { onAgree: () => void; onLeave: () => void }) {
  const { t } = useSpeech();
  useEscape(onLeave);
  return (
    <Bar
      buttons={
        <>
          <button type="button" className="button button-plain" onClick={onLeave}>
            {t("voice.notNow")}
          </button>
          <button type="button" className="button button-wood" ref={focused} onClick={onAgree}>
            {t("voice.agree")}
          </button>
        </>
      }
    >
      <p className="min-w-0 flex-1 text-sm leading-relaxed text-ink-soft">{t("voice.notice")}</p>
    </Bar>
  );
}

function Listening({ writer, box, onEnd }: VoiceBarProps) {
  const { t, locale } = useSpeech();
  const { voice } = useSession();
  const [attempt, setAttempt] = useState(0);
  const [dictation, setDictation] = useState<Dictation | null>(null);

  // The microphone is on exactly while this is shown.
  useEffect(() => {
    const can = voice.can.getState().now;
    const maker = recognitionMaker();
    const made = new Dictation({
      listen:
        writer === "browser" && maker !== null
          ? browserEar(
              maker,
              locale === "en" && navigator.language.startsWith("en") ? navigator.language : LANGUAGES[locale],
            )
          : recorderEar(
              (sound, name, signal) => voice.transcribe(sound, name, locale, signal),
              can?.max_bytes ?? 0,
            ),
      maxSeconds: can?.max_seconds ?? 0,
      now: () => performance.now(),
      onWords: (words) => {
        if (box.current !== null) insertWords(box.current, words);
        onEnd();
      },
    });
    setDictation(made);
    void made.start();
    return () => made.cancel();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a change of the language begins nothing anew
  }, [attempt, writer]);

  function leave(): void {
    dictation?.cancel();
    onEnd();
    box.current?.focus();
  }
  useEscape(leave);
  if (dictation === null) return null;
  return (
    <Told
      dictation={dictation}
      onLeave={leave}
      onAgain={() => setAttempt(attempt + 1)}
      name={t("voice.listening")}
    />
  );
}

interface ToldProps {
  readonly dictation: Dictation;
  readonly name: string;
  readonly onLeave: () => void;
  readonly onAgain: () => void;
}

function Told({ dictation, name, onLeave, onAgain }: ToldProps) {
  const { t } = useSpeech();
  const { phase, levels, seconds, words, trouble, canRetry } = useStore(dictation.store);
  if (trouble !== null) {
    return (
      <Bar
        buttons={
          <>
            <button type="button" className="button button-plain" onClick={onLeave}>
              {t("voice.close")}
            </button>
            <button
              type="button"
              className="button button-wood"
              ref={focused}
              onClick={() => (canRetry ? void dictation.finish() : onAgain())}
            >
              {t("voice.again")}
            </button>
          </>
        }
      >
        <p role="alert" className="min-w-0 flex-1 text-sm leading-relaxed text-danger">
          {t(`voice.${trouble.kind}`, { reason: trouble.reason })}
        </p>
      </Bar>
    );
  }
  const says = {
    starting: "voice.starting",
    listening: "voice.listeningNow",
    writing: "voice.writing",
  } as const;
  return (
    <Bar
      name={name}
      buttons={
        <>
          <button type="button" className="button button-plain" onClick={onLeave}>
            <X className="size-4" />
            {t("voice.cancel")}
          </button>
          <button
            type="button"
            className="button button-wood"
            ref={focused}
            aria-disabled={phase !== "listening"}
            onClick={() => void dictation.finish()}
          >
            <Check className="size-4" />
            {t("voice.done")}
          </button>
        </>
      }
    >
      <Level levels={levels} isOn={phase === "listening"} />
      <span className="text-sm text-ink-soft tabular-nums">{clock(seconds)}</span>
      <p className="min-w-0 flex-1 text-sm text-ink-soft">
        <span role="status" className={words === "" ? "" : "sr-only"}>
          {phase in says && t(says[phase as keyof typeof says])}
        </span>
        <span data-interim>{words}</span>
      </p>
    </Bar>
  );
}

function Bar({ name, buttons, children }: { name?: string; buttons: ReactNode; children: ReactNode }) {
  return (
    <div
      role="group"
      aria-label={name}
      className="mx-3 mb-2 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-2xl bg-floor px-3 py-2"
    >
      <div className="flex min-w-0 flex-[1_1_17rem] items-center gap-3">{children}</div>
      <div className="ml-auto flex gap-2">{buttons}</div>
    </div>
  );
}

/** The button that ends what is shown has the focus, so that speaking takes one key to begin and one to end. */
function focused(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** The loudness of the last two seconds. */
function Level({ levels, isOn }: { levels: readonly number[]; isOn: boolean }) {
  return (
    <div aria-hidden className="flex h-6 items-center gap-0.5" data-level={Math.max(...levels).toFixed(2)}>
      {levels.map((level, index) => (
        <span
          // oxlint-disable-next-line react/no-array-index-key -- a bar is its place
          key={index}
          className={isOn ? "w-0.5 rounded-full bg-wood" : "w-0.5 rounded-full bg-line"}
          style={{ height: `${Math.round(12 + 88 * level)}%` }}
        />
      ))}
    </div>
  );
}

function useEscape(onEscape: () => void): void {
  // Before anything else that Escape ends: an answer goes on while one gives up a sentence.
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key !== "Escape" || isForIme(event)) return;
      event.preventDefault();
      event.stopPropagation();
      onEscape();
    }
    addEventListener("keydown", onKeyDown, { capture: true });
    return () => removeEventListener("keydown", onKeyDown, { capture: true });
  });
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
