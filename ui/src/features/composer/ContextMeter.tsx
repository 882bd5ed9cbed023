import { Tooltip } from "radix-ui";

import { modelInUse, openThread } from "@/core/state";
import type { ChatState } from "@/core/state";
import { useSpeech } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";

const RADIUS = 7;
const LENGTH = 2 * Math.PI * RADIUS;
/** From here on the ring is red. */
const NEARLY_FULL = 0.85;
/** A ring that is almost empty only distracts. */
const WORTH_SHOWING = 0.05;

function usedTokens(state: ChatState): number {
  const thread = openThread(state);
  const last = thread.head === null ? null : thread.nodes[thread.head]?.response;
  const response = last ? thread.responses[last] : undefined;
  if (response === undefined) return 0;
  const prompt = response.context?.used ?? response.usage?.input_tokens ?? 0;
  return prompt + (response.usage?.output_tokens ?? 0);
}

function windowTokens(state: ChatState): number {
  const thread = openThread(state);
  const last = thread.head === null ? null : thread.nodes[thread.head]?.response;
  const told = last ? thread.responses[last]?.context?.window : null;
  return told ?? modelInUse(state)?.["maru:context_window"] ?? 0;
}

/** How full the model's window is, as a ring. */
export function ContextMeter() {
  const { locale, t } = useSpeech();
  const used = useChat(usedTokens);
  const size = useChat(windowTokens);
  if (size === 0 || used / size < WORTH_SHOWING) return null;
  const share = Math.min(used / size, 1);
  const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(share);
  const number = new Intl.NumberFormat(locale);
  const detail = t("context.detail", { used: number.format(used), window: number.format(size) });
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <button
          type="button"
          aria-label={`${t("context.label", { percent })}. ${detail}`}
          className="flex size-9 items-center justify-center rounded-lg"
        >
          <svg viewBox="0 0 20 20" className="size-5 -rotate-90" aria-hidden>
            <circle cx="10" cy="10" r={RADIUS} fill="none" stroke="var(--line)" strokeWidth="2.5" />
            <circle
              cx="10"
              cy="10"
              r={RADIUS}
              fill="none"
              stroke={share >= NEARLY_FULL ? "var(--danger)" : "var(--wood)"}
              strokeWidth="2.5"
              strokeLinecap="round"
              strokeDasharray={`${share * LENGTH} ${LENGTH}`}
            />
          </svg>
        </button>
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={6} collisionPadding={8}>
          {t("context.label", { percent })}
          <br />
          {detail}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
