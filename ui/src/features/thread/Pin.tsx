import { Pin, PinOff } from "lucide-react";
import { useState } from "react";

import { LOCAL } from "@/core/runs";
import { isKept } from "@/core/state";
import type { TreeNode } from "@/core/tree";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Trouble } from "@/shared/ui/Trouble";

/** Why the last press did nothing; `wanted` is what it asked for. */
interface Refused {
  readonly wanted: boolean;
  readonly error: unknown;
}

export interface PinState {
  readonly isPinned: boolean;
  readonly canPin: boolean;
  readonly isBusy: boolean;
  readonly refused: Refused | null;
  toggle(): void;
}

/** Whether a row is pinned, and the way to change that; `nodes` are the items of the row. */
export function usePin(nodes: readonly TreeNode[]): PinState {
  const isHeld = useChat(isKept);
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const pinned = nodes.filter((node) => node.isPinned);
  const target = nodes.findLast((node) => node.kind === "message") ?? nodes.at(-1);
  const isPinned = pinned.length > 0;
  async function toggle(): Promise<void> {
    const ids = isPinned ? pinned.map((node) => node.id) : target === undefined ? [] : [target.id];
    setBusy(true);
    setRefused(null);
    try {
      await session.memory.pin(ids, !isPinned);
    } catch (error) {
      setRefused({ wanted: !isPinned, error });
    } finally {
      setBusy(false);
    }
  }
  return {
    isPinned,
    canPin: isHeld && target !== undefined && !target.id.startsWith(LOCAL),
    isBusy,
    refused,
    toggle: () => void toggle(),
  };
}

export function PinButton({ pin }: { pin: PinState }) {
  const t = useT();
  return (
    <IconButton
      label={pin.isPinned ? t("pin.remove") : t("pin.add")}
      size="small"
      // Not `disabled`, which would take the focus away while the server answers.
      aria-disabled={!pin.canPin || pin.isBusy}
      onClick={() => pin.canPin && !pin.isBusy && pin.toggle()}
    >
      {pin.isPinned ? <PinOff /> : <Pin />}
    </IconButton>
  );
}

/** Stands with a message that is pinned. */
export function PinMark() {
  const t = useT();
  return (
    <p className="mb-1 flex items-center gap-1 text-xs font-medium text-wood">
      <Pin className="size-3 fill-current" aria-hidden />
      {t("pin.mark")}
    </p>
  );
}

export function PinTrouble({ pin }: { pin: PinState }) {
  const t = useT();
  if (pin.refused === null) return null;
  const what = pin.refused.wanted ? t("pin.failed") : t("pin.removeFailed");
  return <Trouble what={what} error={pin.refused.error} />;
}
