import { Eye } from "lucide-react";
import { Popover } from "radix-ui";
import { useId, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";

import { newestAnswer } from "@/core/sight";
import { isKept, modelInUse, openThread } from "@/core/state";
import type { ChatState } from "@/core/state";
import type { Thread } from "@/core/tree";
import { pathTo } from "@/core/tree";
import { classes } from "@/shared/classes";
import { openDialog } from "@/shared/dialogs";
import { useSpeech } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { TextButton } from "@/shared/ui/TextButton";

const RADIUS = 7;
const LENGTH = 2 * Math.PI * RADIUS;
/** Where the server does not tell the budget, the ring is red from this share of the window on. */
const NEARLY_FULL = 0.85;
/** A ring that is almost empty only distracts. */
const WORTH_SHOWING = 0.05;

/** Tokens; of the branch that is shown, after its newest answer. */
interface Fill {
  readonly window: number;
  /** What the conversation may have of the window before the oldest messages go; 0: not told. */
  readonly budget: number;
  readonly used: number;
  /** Those of them that the engine need not read again. */
  readonly cached: number;
}

function fillOf(state: ChatState): Fill {
  const thread = openThread(state);
  const newest = newestAnswer(thread, pathTo(thread, thread.head));
  const usage = newest?.info.usage;
  return {
    window: newest?.context.window ?? modelInUse(state)?.["maru:context_window"] ?? 0,
    budget: newest?.context.budget ?? 0,
    used: (newest?.context.used ?? usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0),
    cached: usage?.input_tokens_details?.cached_tokens ?? 0,
  };
}

function answerOf(thread: Thread): string | null {
  return newestAnswer(thread, pathTo(thread, thread.head))?.response ?? null;
}

/** How full the model's memory is, as a ring; pressed, in numbers. */
export function ContextMeter() {
  const { locale, t } = useSpeech();
  const fill = useChat(useShallow(fillOf));
  const newest = useChat((state) => answerOf(openThread(state)));
  const isHeld = useChat(isKept);
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (fill.window === 0 || fill.used / fill.window < WORTH_SHOWING) return null;
  const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(
    Math.min(fill.used / fill.window, 1),
  );
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <IconButton ref={button} label={t("context.label", { percent })}>
          <Ring fill={fill} />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu w-80 px-4! py-3.5! text-sm"
          side="top"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t("context.title")}
        >
          <p className="font-medium">{t("context.label", { percent })}</p>
          <Bar fill={fill} />
          <Numbers fill={fill} />
          {newest !== null && isHeld && (
            <TextButton
              className="mt-2 -ml-2.5"
              onClick={() => {
                setOpen(false);
                openDialog({ kind: "context", response: newest }, button.current);
              }}
            >
              <Eye aria-hidden />
              {t("seen.open")}
            </TextButton>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The next message needs room that is not there. */
function isFull({ used, budget, window }: Fill): boolean {
  return used >= (budget > 0 ? budget : window * NEARLY_FULL);
}

/** Wood for what is in use, pale for the part that need not be read again, a notch where the oldest messages go. */
function Ring({ fill }: { fill: Fill }) {
  const { window, used, cached, budget } = fill;
  const mask = useId();
  const ink = isFull(fill) ? "var(--danger)" : "var(--wood)";
  return (
    <svg viewBox="0 0 20 20" className="size-5! -rotate-90" aria-hidden>
      <mask id={mask}>
        <rect width="20" height="20" fill="white" />
        {budget > 0 && (
          <line
            x1="14"
            y1="10"
            x2="20"
            y2="10"
            stroke="black"
            strokeWidth="1.75"
            transform={`rotate(${(360 * budget) / window} 10 10)`}
          />
        )}
      </mask>
      <g mask={`url(#${mask})`}>
        <Arc share={1} stroke="color-mix(in srgb, var(--ink-soft) 28%, transparent)" />
        <Arc share={used / window} stroke={ink} />
        <Arc share={Math.min(cached, used) / window} stroke={`color-mix(in srgb, ${ink} 50%, var(--card))`} />
      </g>
    </svg>
  );
}

function Arc({ share, stroke }: { share: number; stroke: string }) {
  return (
    <circle
      cx="10"
      cy="10"
      r={RADIUS}
      fill="none"
      stroke={stroke}
      strokeWidth="2.5"
      strokeDasharray={`${Math.min(share, 1) * LENGTH} ${LENGTH}`}
    />
  );
}

/** The same, straightened, for who looks closer. */
function Bar({ fill }: { fill: Fill }) {
  const { window, used, cached, budget } = fill;
  const width = (tokens: number): string => `${Math.min(tokens / window, 1) * 100}%`;
  const ink = isFull(fill) ? "bg-danger" : "bg-wood";
  return (
    <div className="relative my-3" aria-hidden>
      <div className="relative h-2 overflow-hidden rounded-full bg-line">
        <div className={classes("absolute inset-y-0 left-0", ink)} style={{ width: width(used) }} />
        <div
          className="absolute inset-y-0 left-0 bg-card/50"
          style={{ width: width(Math.min(cached, used)) }}
        />
      </div>
      {budget > 0 && <div className="absolute -inset-y-1 w-px bg-ink-soft" style={{ left: width(budget) }} />}
    </div>
  );
}

function Numbers({ fill }: { fill: Fill }) {
  const { locale, t } = useSpeech();
  const number = new Intl.NumberFormat(locale);
  const used = number.format(fill.used);
  return (
    <>
      <dl className="space-y-1.5 [&_dt]:text-xs [&_dt]:text-ink-soft">
        <div>
          <dt>{t("context.used")}</dt>
          <dd>{t("context.usedValue", { used, window: number.format(fill.window) })}</dd>
        </div>
        {fill.cached > 0 && (
          <div>
            <dt>{t("context.cached")}</dt>
            <dd>{t("context.cachedValue", { cached: number.format(fill.cached) })}</dd>
          </div>
        )}
        {fill.budget > 0 && (
          <div>
            <dt>{t("context.budget")}</dt>
            <dd>{t("context.budgetValue", { budget: number.format(fill.budget) })}</dd>
          </div>
        )}
      </dl>
      {isFull(fill) && <p className="mt-2 text-danger">{t("context.full")}</p>}
    </>
  );
}
