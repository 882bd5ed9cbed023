import { Check, ChevronRight, FolderInput, FolderPlus } from "lucide-react";
import { DropdownMenu } from "radix-ui";

import type { Conversation } from "@/core/state";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

/** The part of a conversation's menu that puts it into a folder. */
export function MoveMenu({ conversation }: { conversation: Conversation }) {
  const t = useT();
  const session = useSession();
  const folders = useChat((state) => state.folders);
  const { id, folder } = conversation;
  const { folders: all } = session.list;
  return (
    <DropdownMenu.Sub>
      <DropdownMenu.SubTrigger className="menu-item [&>svg]:text-ink-soft">
        <FolderInput />
        <span className="flex-1">{t("folder.move")}</span>
        <ChevronRight />
      </DropdownMenu.SubTrigger>
      <DropdownMenu.Portal>
        <DropdownMenu.SubContent
          className="menu max-h-(--radix-dropdown-menu-content-available-height) overflow-y-auto"
          sideOffset={4}
          collisionPadding={8}
        >
          <DropdownMenu.RadioGroup
            value={folder ?? ""}
            onValueChange={(chosen) => void all.move(id, chosen === "" ? null : chosen)}
          >
            <Choice value="" name={t("folder.none")} />
            {folders.map((one) => (
              <Choice key={one.id} value={one.id} name={one.name} />
            ))}
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1.5 border-t" />
          <DropdownMenu.Item
            className="menu-item [&>svg]:text-ink-soft"
            onSelect={() => void all.create(t("folder.unnamed"), id)}
          >
            <FolderPlus />
            {t("folder.new")}
          </DropdownMenu.Item>
        </DropdownMenu.SubContent>
      </DropdownMenu.Portal>
    </DropdownMenu.Sub>
  );
}

function Choice({ value, name }: { value: string; name: string }) {
  return (
    <DropdownMenu.RadioItem value={value} className="menu-item">
      <span className="min-w-0 flex-1 truncate">{name}</span>
      <DropdownMenu.ItemIndicator>
        <Check className="text-wood" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.RadioItem>
  );
}
