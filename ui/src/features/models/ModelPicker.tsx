import { Check, ChevronDown, Columns2, LoaderCircle, TriangleAlert } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef } from "react";

import { modelInUse } from "@/core/state";
import type { WireModel } from "@/core/wire";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { loadingStep } from "@/shared/loading-step";
import { useChat, useSession } from "@/shared/session";

/** Which model answers next, and whether it can. */
export function ModelPicker() {
  const t = useT();
  const session = useSession();
  const models = useChat((state) => state.models);
  const isLoading = useChat((state) => state.modelsState === "loading");
  const chosen = useChat(modelInUse);
  const button = useRef<HTMLButtonElement>(null);
  if (chosen === undefined) {
    return isLoading ? null : <span className="px-2 text-sm text-ink-soft">{t("model.none")}</span>;
  }
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        ref={button}
        aria-label={t("model.label", { name: chosen.id })}
        className="flex h-9 min-w-0 items-center gap-1.5 rounded-lg px-2.5 text-sm text-ink-soft transition-colors hover:bg-hover hover:text-ink pointer-coarse:h-10"
      >
        <StateMark model={chosen} />
        <span className="truncate">{chosen.id}</span>
        <ChevronDown className="size-3.5 shrink-0" aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        className="menu max-h-[min(24rem,60dvh)] overflow-y-auto"
        align="start"
        side="bottom"
        sideOffset={6}
        collisionPadding={12}
      >
        <DropdownMenu.Label className="px-2.5 pt-1.5 pb-1 text-xs text-ink-soft">
          {t("model.choose")}
        </DropdownMenu.Label>
        <DropdownMenu.RadioGroup value={chosen.id} onValueChange={(id) => session.pickModel(id)}>
          {models.map((model) => (
            <DropdownMenu.RadioItem key={model.id} value={model.id} className="menu-item min-w-56">
              <span className="min-w-0 flex-1">
                <span className="flex items-center gap-2">
                  <span className="truncate">{model.id}</span>
                  <StateMark model={model} />
                  {model["maru:default"] && (
                    <span className="rounded-full bg-wood-soft px-1.5 text-[11px] text-ink-soft">
                      {t("model.default")}
                    </span>
                  )}
                </span>
                <StateLine model={model} />
              </span>
              <DropdownMenu.ItemIndicator>
                <Check className="text-wood" />
              </DropdownMenu.ItemIndicator>
            </DropdownMenu.RadioItem>
          ))}
        </DropdownMenu.RadioGroup>
        {models.length > 1 && (
          <>
            <DropdownMenu.Separator className="my-1.5 border-t" />
            <DropdownMenu.Item
              className="menu-item"
              onSelect={() => openDialog({ kind: "compare", prompt: null }, button.current)}
            >
              <Columns2 className="text-ink-soft" />
              {t("compare.choose")}
            </DropdownMenu.Item>
          </>
        )}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

function StateMark({ model }: { model: WireModel }) {
  const t = useT();
  switch (model["maru:state"]) {
    case "loading":
      return (
        <LoaderCircle
          role="img"
          aria-label={t("model.loading")}
          className="size-3.5! animate-spin text-wood"
        />
      );
    case "failed":
    case "out":
    case "away":
      return <TriangleAlert role="img" aria-label={t("model.failed")} className="size-3.5! text-danger" />;
    default:
      return null;
  }
}

/** What the server says about a model that is not ready, in the person's words as far as they go. */
function StateLine({ model }: { model: WireModel }) {
  const t = useT();
  const state = model["maru:state"] ?? "ready";
  if (state === "ready") return null;
  if (state === "out") return <span className="block text-xs text-ink-soft">{t("model.isOut")}</span>;
  const words = state === "loading" ? t("model.loading") : t("model.failed");
  const told = model["maru:detail"];
  const detail = state === "loading" && told ? (loadingStep(t, told) ?? told) : told;
  return <span className="block text-xs text-ink-soft">{detail ? `${words} · ${detail}` : words}</span>;
}
