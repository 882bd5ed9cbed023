import { ListOrdered, MessageSquareText, PencilLine, ThumbsDown, ThumbsUp, X } from "lucide-react";
import { useId, useState } from "react";

import { promptOf, ratedNode } from "@/core/feedback";
import { LOCAL } from "@/core/runs";
import { isKept, openThread } from "@/core/state";
import type { Rating, TreeNode } from "@/core/tree";
import { siblingsOf } from "@/core/tree";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";

const REASONS = {
  up: ["correct", "helpful", "clear", "good_style"],
  down: ["incorrect", "not_followed", "unhelpful", "unsafe", "bad_style"],
} as const;
const LONGEST_NOTE = 2_000;

export interface RatingState {
  /** The message that is rated; null while there is none that the server has. */
  readonly item: string | null;
  readonly prompt: string | null;
  readonly rating: Rating | null;
  readonly hasDemonstration: boolean;
  readonly hasSiblings: boolean;
  readonly isOpen: boolean;
  /** Why the last press was not saved. */
  readonly error: unknown;
  setOpen(isOpen: boolean): void;
  /** Save this in the place of what was said before; null takes it back. */
  say(rating: Rating | null): Promise<boolean>;
}

/** What the person says about an answer, and the way to change that; `nodes` are the items of its row. */
export function useRating(nodes: readonly TreeNode[]): RatingState {
  const session = useSession();
  const node = ratedNode(nodes);
  const isHeld = useChat(isKept);
  const item = node === undefined || !isHeld || node.id.startsWith(LOCAL) ? null : node.id;
  const rating = useChat((state) => (item === null ? undefined : openThread(state).feedback.ratings[item]));
  const hasDemonstration = useChat(
    (state) => item !== null && openThread(state).feedback.demonstrations[item] !== undefined,
  );
  const prompt = useChat((state) => (item === null ? null : promptOf(openThread(state), item)));
  const hasSiblings = useChat((state) => siblingsOf(openThread(state), nodes[0]?.id ?? "").length > 1);
  // Kept with the answer it belongs to: a row stays when another branch is shown in its place.
  const [openFor, setOpenFor] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  async function say(next: Rating | null): Promise<boolean> {
    if (item === null) return false;
    setError(null);
    try {
      await session.feedback.rate(item, next);
      return true;
    } catch (refused) {
      setError(refused);
      return false;
    }
  }
  return {
    item,
    prompt,
    rating: rating ?? null,
    hasDemonstration,
    hasSiblings,
    isOpen: item !== null && openFor === item,
    error,
    setOpen: (isOpen) => setOpenFor(isOpen ? item : null),
    say,
  };
}

/** Thumbs, and what else can be said about an answer. One press rates; a second one takes it back. */
export function RatingButtons({ rating: state }: { rating: RatingState }) {
  const t = useT();
  const { item, prompt, rating, isOpen } = state;
  if (item === null) return null;
  function press(value: Rating["value"]): void {
    const isBack = rating?.value === value;
    state.setOpen(!isBack);
    void state.say(isBack ? null : { value, reasons: [], comment: rating?.comment ?? "" });
  }
  return (
    <>
      <IconButton
        label={t("rating.up")}
        size="small"
        aria-pressed={rating?.value === "up"}
        onClick={() => press("up")}
      >
        <ThumbsUp className={rating?.value === "up" ? "fill-wood-soft" : ""} />
      </IconButton>
      <IconButton
        label={t("rating.down")}
        size="small"
        aria-pressed={rating?.value === "down"}
        onClick={() => press("down")}
      >
        <ThumbsDown className={rating?.value === "down" ? "fill-wood-soft" : ""} />
      </IconButton>
      {rating !== null && (
        <IconButton
          label={t("rating.why")}
          size="small"
          aria-expanded={isOpen}
          onClick={() => state.setOpen(!isOpen)}
        >
          <MessageSquareText />
        </IconButton>
      )}
      {state.hasSiblings && prompt !== null && (
        <IconButton
          label={t("rank.action")}
          size="small"
          onClick={() => openDialog({ kind: "rank", prompt })}
        >
          <ListOrdered />
        </IconButton>
      )}
      {state.hasDemonstration && (
        <IconButton
          label={t("better.change")}
          size="small"
          className="text-wood"
          onClick={() => openDialog({ kind: "better", item })}
        >
          <PencilLine />
        </IconButton>
      )}
    </>
  );
}

/** Under a rated answer, for whoever wants to say more; what is pressed is saved at once. */
export function RatingPanel({ rating: state }: { rating: RatingState }) {
  const t = useT();
  const { item, prompt, rating } = state;
  const trouble = state.error === null ? null : <Trouble what={t("rating.failed")} error={state.error} />;
  if (!state.isOpen || rating === null || item === null) return trouble;
  function toggle(reason: string): void {
    if (rating === null) return;
    const { reasons } = rating;
    const next = reasons.includes(reason) ? reasons.filter((one) => one !== reason) : [...reasons, reason];
    void state.say({ ...rating, reasons: next });
  }
  const title = rating.value === "up" ? t("rating.whyUp") : t("rating.whyDown");
  return (
    <section
      aria-label={title}
      className="row-enter relative mt-1 mb-2 rounded-2xl border bg-card p-3.5 pr-11 text-sm"
    >
      <p className="font-medium">{title}</p>
      <p className="mt-0.5 text-xs text-ink-soft">{t("rating.thanks")}</p>
      <div className="mt-2.5 flex flex-wrap gap-1.5">
        {REASONS[rating.value].map((reason) => (
          <button
            key={reason}
            type="button"
            className="chip"
            aria-pressed={rating.reasons.includes(reason)}
            onClick={() => toggle(reason)}
          >
            {t(`rating.${reason}`)}
          </button>
        ))}
      </div>
      <Note key={`${item} ${rating.value}`} state={state} rating={rating} />
      <div className="-ml-2.5 mt-1.5 flex flex-wrap">
        <TextButton onClick={() => openDialog({ kind: "better", item })}>
          <PencilLine aria-hidden />
          {state.hasDemonstration ? t("better.change") : t("better.action")}
        </TextButton>
        {prompt !== null && (
          <TextButton onClick={() => openDialog({ kind: "rank", prompt })}>
            <ListOrdered aria-hidden />
            {t("rank.action")}
          </TextButton>
        )}
      </div>
      {trouble}
      <div className="absolute top-2 right-2">
        <IconButton label={t("rating.close")} size="small" onClick={() => state.setOpen(false)}>
          <X />
        </IconButton>
      </div>
    </section>
  );
}

function Note({ state, rating }: { state: RatingState; rating: Rating }) {
  const t = useT();
  const id = useId();
  const [words, setWords] = useState(rating.comment);
  const isSaved = words.trim() === rating.comment;
  async function save(): Promise<void> {
    const isSent = await state.say({ ...rating, comment: words.trim() });
    // What was typed meanwhile stays.
    if (isSent) setWords((now) => (now === words ? words.trim() : now));
  }
  return (
    <form
      className="mt-2.5 flex flex-wrap items-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <label htmlFor={id} className="sr-only">
        {t("rating.note")}
      </label>
      <textarea
        id={id}
        rows={1}
        value={words}
        maxLength={LONGEST_NOTE}
        placeholder={t("rating.notePlace")}
        className="field-sizing-content max-h-40 min-h-9 min-w-40 flex-1 resize-none rounded-lg border bg-paper px-3 py-1.5 text-base leading-relaxed md:text-sm"
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || isForIme(event.nativeEvent)) return;
          event.preventDefault();
          void save();
        }}
      />
      {(!isSaved || rating.comment !== "") && (
        <button type="submit" className="button button-plain" aria-disabled={isSaved}>
          {isSaved ? t("rating.noteSaved") : t("rating.saveNote")}
        </button>
      )}
    </form>
  );
}
