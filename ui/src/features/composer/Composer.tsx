import { ArrowUp, ListPlus, LoaderCircle, Mic, Square } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { lazy, Suspense, useCallback, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "zustand";

import { OF_NEW_CHAT } from "@/core/chat-settings";
import { LOCAL } from "@/core/runs";
import { isReady, isRunning, modelInUse, openThread } from "@/core/state";
import { turnsOf } from "@/core/tree";
import { useVoice } from "@/features/voice/use-voice";
import { beginEditing } from "@/shared/editing";
import { useT } from "@/shared/i18n/i18n";
import { ImeEnter } from "@/shared/ime";
import { COMPOSER_ID } from "@/shared/insert";
import { isTouchOnly } from "@/shared/media";
import { prefers } from "@/shared/preferences";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

import { Attachments } from "./Attachments";
import { AttachNotices } from "./AttachNotices";
import { ModelNotice } from "./ModelNotice";
import { SLASH_LIST_ID, SlashMenu, slashOptionId } from "./SlashMenu";
import { useAttached } from "./use-attached";
import { usePaste } from "./use-paste";
import { useSlash } from "./use-slash";
import { WaitingMessages } from "./WaitingMessages";

const VoiceBar = lazy(() => import("@/features/voice/VoiceBar"));

const GROWS_BY_ITSELF = typeof CSS !== "undefined" && CSS.supports?.("field-sizing", "content");

interface ComposerProps {
  /** Below the text on the left. */
  readonly tools: ReactNode;
  /** Beside the send button. */
  readonly gauge: ReactNode;
  /** Over the box. */
  readonly above?: ReactNode;
}

/** The box that one writes in. */
export function Composer({ tools, gauge, above }: ComposerProps) {
  const t = useT();
  const session = useSession();
  const open = useChat((state) => state.open);
  const runs = useChat((state) => isRunning(state, state.open));
  const canAnswer = useChat((state) => isReady(modelInUse(state)));
  const text = useStore(session.drafts.store, () => session.drafts.of(open));
  const setText = (words: string): void => session.drafts.keep(open, words);
  const box = useRef<HTMLTextAreaElement>(null);
  const [ime] = useState(() => new ImeEnter());
  const slash = useSlash(text, setText);
  const hasList = slash.options.length > 0;
  const attached = useAttached();
  const isWaiting = useStore(session.sending.waits, (waits) => waits[open ?? OF_NEW_CHAT] === true);
  const [wasLong, setLong] = useState(false);
  usePaste(
    box,
    useCallback(() => setLong(true), []),
  );
  const writer = useVoice();
  /** The chat in whose box somebody speaks; the words go into no other. */
  const [spokenIn, setSpokenIn] = useState<{ readonly chat: string | null } | null>(null);
  const isSpeaking = spokenIn?.chat === open;
  useGrowing(box, text);
  const isEmpty = text.trim() === "" && attached.drafts.length === 0;
  const canGo = !isEmpty && canAnswer && !attached.hasFailed && attached.blind === null;

  function submit(): void {
    box.current?.focus();
    // The element knows the syllable that a composition has just put in; the state may be one event behind.
    const words = box.current?.value ?? text;
    const isSaid = words.trim() !== "" || attached.drafts.length > 0;
    if (isSaid && session.sending.mustWait(open)) session.sending.waitForFiles(open);
    else if (session.send(words)) setLong(false);
  }

  /** What an Enter means that is not the input method's; the list of commands comes first. */
  function enter(): void {
    const isCommand = slash.enter(box.current?.value ?? text);
    if (!isCommand && !hasList) submit();
  }

  /** The newest question of the person's, where it stands. */
  function editLast(): boolean {
    const state = session.store.getState();
    const last = turnsOf(openThread(state)).findLast((turn) => turn.role === "user")?.ids[0];
    if (last === undefined || last.startsWith(LOCAL) || isRunning(state, state.open)) return false;
    beginEditing(last);
    return true;
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (slash.keyPressed(event)) return;
    if (event.key === "ArrowUp" && text === "" && !isModified(event) && editLast()) {
      event.preventDefault();
      return;
    }
    const isEnter = event.key === "Enter" || event.nativeEvent.code === "Enter";
    if (!isEnter || event.shiftKey) return;
    const isWish = prefers("enterSends") || event.ctrlKey || event.metaKey;
    if (!hasList && (isTouchOnly() || !isWish)) return;
    const { keyCode, isComposing } = event.nativeEvent;
    const meaning = ime.enterPressed({ keyCode, isComposing }, event.timeStamp);
    if (meaning === "ignore") return;
    event.preventDefault();
    if (meaning === "send") enter();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ModelNotice />
      {above}
      <WaitingMessages />
      <AttachNotices
        refused={attached.refused}
        blind={attached.blind}
        isWaiting={isWaiting && attached.isBusy}
        wasLong={wasLong && attached.drafts.length > 0}
      />
      {hasList && <SlashMenu options={slash.options} active={slash.active} onPick={slash.pick} />}
      <div className="rounded-3xl border bg-card shadow-card transition-colors focus-within:border-wood/60">
        <Attachments drafts={attached.drafts} />
        <textarea
          ref={box}
          id={COMPOSER_ID}
          rows={1}
          value={text}
          aria-label={t("composer.label")}
          aria-autocomplete="list"
          aria-controls={hasList ? SLASH_LIST_ID : undefined}
          aria-activedescendant={hasList ? slashOptionId(slash.active) : undefined}
          placeholder={t("composer.placeholder")}
          enterKeyHint={isTouchOnly() ? "enter" : "send"}
          className="block field-sizing-content max-h-[40dvh] min-h-13 w-full resize-none bg-transparent px-5 pt-4 pb-1 text-base leading-relaxed outline-none"
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onCompositionUpdate={(event) => ime.compositionUpdated(event.data)}
          onCompositionEnd={(event) => {
            // The browser puts the syllable in right after this event.
            if (ime.compositionEnded(event.data, event.timeStamp)) setTimeout(enter);
          }}
        />
        {writer !== null && isSpeaking && (
          <Suspense fallback={null}>
            <VoiceBar writer={writer} box={box} onEnd={() => setSpokenIn(null)} />
          </Suspense>
        )}
        <div className="flex items-center justify-between gap-2 px-2.5 pb-2.5">
          <div className="flex min-w-0 items-center">{tools}</div>
          <div className="flex shrink-0 items-center gap-1">
            {gauge}
            {writer !== null && !isSpeaking && (
              <IconButton
                label={t("voice.speak")}
                className="rounded-full"
                onClick={() => setSpokenIn({ chat: open })}
              >
                <Mic />
              </IconButton>
            )}
            {runs && (
              <button
                type="button"
                aria-label={t("composer.stop")}
                title={t("composer.stop")}
                onClick={() => {
                  session.stop();
                  box.current?.focus();
                }}
                className="flex size-9 items-center justify-center rounded-full bg-ink text-paper transition-opacity hover:opacity-85 pointer-coarse:size-10"
              >
                <Square className="size-3.5 fill-current" />
              </button>
            )}
            {isWaiting ? (
              <button
                // Else it would become the button that sends while it is pressed.
                key="stop waiting"
                type="button"
                aria-label={t("attach.stopWaiting")}
                title={t("attach.stopWaiting")}
                onClick={() => session.sending.stopWaiting(open)}
                className="flex size-9 items-center justify-center rounded-full bg-wood text-on-wood transition-colors hover:bg-wood-strong pointer-coarse:size-10"
              >
                <LoaderCircle className="size-5 animate-spin" />
              </button>
            ) : (
              (!runs || !isEmpty) && (
                <button
                  type="submit"
                  aria-label={runs ? t("composer.later") : t("composer.send")}
                  title={runs ? t("composer.later") : t("composer.send")}
                  disabled={!canGo}
                  className="flex size-9 items-center justify-center rounded-full bg-wood text-on-wood transition-colors hover:bg-wood-strong disabled:bg-hover disabled:text-ink-soft pointer-coarse:size-10"
                >
                  {runs ? <ListPlus className="size-5" /> : <ArrowUp className="size-5" />}
                </button>
              )
            )}
          </div>
        </div>
      </div>
    </form>
  );
}

function isModified(event: KeyboardEvent): boolean {
  return event.shiftKey || event.ctrlKey || event.metaKey || event.altKey;
}

/** Browsers without `field-sizing` need to be told the height. */
function useGrowing(box: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (GROWS_BY_ITSELF || element === null) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight}px`;
  }, [box, text]);
}
