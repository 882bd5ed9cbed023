import { ChevronDown, Columns2, RefreshCw } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef } from "react";

import { isReady, isRunning, openThread } from "@/core/state";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

/** Another answer beside the one whose first item is `id`: by the model in use, or by one that is picked here. */
export function Regenerate({ id }: { id: string }) {
  const t = useT();
  const session = useSession();
  const models = useChat((state) => state.models);
  const isBusy = useChat((state) => isRunning(state, state.open));
  const prompt = useChat((state) => openThread(state).nodes[id]?.parent ?? null);
  const button = useRef<HTMLButtonElement>(null);
  const ready = models.filter(isReady);
  return (
    <>
      <IconButton
        label={t("message.regenerate")}
        size="small"
        disabled={isBusy}
        onClick={() => session.regenerate(id)}
      >
        <RefreshCw />
      </IconButton>
      {ready.length > 1 && (
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger asChild>
            <IconButton
              ref={button}
              label={t("message.regenerateWith")}
              size="small"
              disabled={isBusy}
              className="-ml-1.5 w-6! pointer-coarse:w-8!"
            >
              <ChevronDown className="size-3.5!" />
            </IconButton>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content
              className="menu max-h-[min(24rem,60dvh)] overflow-y-auto"
              align="start"
              sideOffset={6}
              collisionPadding={12}
            >
              <DropdownMenu.Label className="px-2.5 pt-1.5 pb-1 text-xs text-ink-soft">
                {t("message.regenerateWith")}
              </DropdownMenu.Label>
              {ready.map((model) => (
                <DropdownMenu.Item
                  key={model.id}
                  className="menu-item"
                  onSelect={() => session.regenerate(id, model.id)}
                >
                  {model.id}
                </DropdownMenu.Item>
              ))}
              <DropdownMenu.Separator className="my-1.5 border-t" />
              <DropdownMenu.Item
                className="menu-item"
                onSelect={() => prompt !== null && openDialog({ kind: "compare", prompt }, button.current)}
              >
                <Columns2 className="text-ink-soft" />
                {t("compare.other")}
              </DropdownMenu.Item>
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
    </>
  );
}
