import { Camera, FileText, ImageIcon, Paperclip } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ChangeEvent, ComponentProps, ReactNode } from "react";
import { useRef } from "react";

import { blindModel } from "@/core/comparing";
import { useT } from "@/shared/i18n/i18n";
import { focusBox } from "@/shared/insert";
import { isTouchOnly } from "@/shared/media";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

/** Files for the message: images, texts, and where there is a camera at hand a photo. */
export function AttachButton() {
  const t = useT();
  const session = useSession();
  const blind = useChat((state) => blindModel(state, state.open));
  const images = useRef<HTMLInputElement>(null);
  const texts = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const why = blind === null ? null : t("attach.blind", { model: blind });

  function take(event: ChangeEvent<HTMLInputElement>): void {
    const files = [...(event.currentTarget.files ?? [])];
    // The same file may be chosen again.
    event.currentTarget.value = "";
    void session.attaching.add(session.store.getState().open, files);
    focusBox();
  }

  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <IconButton label={t("attach.open")}>
            <Paperclip />
          </IconButton>
        </DropdownMenu.Trigger>
        <DropdownMenu.Content className="menu" align="start" side="top" sideOffset={6} collisionPadding={12}>
          <Choice icon={<ImageIcon />} why={why} onSelect={() => images.current?.click()}>
            {t("attach.images")}
          </Choice>
          {isTouchOnly() && (
            <Choice icon={<Camera />} why={why} onSelect={() => camera.current?.click()}>
              {t("attach.camera")}
            </Choice>
          )}
          <Choice icon={<FileText />} why={null} onSelect={() => texts.current?.click()}>
            {t("attach.texts")}
          </Choice>
        </DropdownMenu.Content>
      </DropdownMenu.Root>
      <HiddenInput ref={images} data-attach="images" accept="image/*" multiple onChange={take} />
      <HiddenInput ref={camera} data-attach="camera" accept="image/*" capture="environment" onChange={take} />
      <HiddenInput ref={texts} data-attach="texts" multiple onChange={take} />
    </>
  );
}

interface ChoiceProps {
  readonly icon: ReactNode;
  /** Why it cannot be chosen now; null: it can. It stays reachable, so that the reason is read. */
  readonly why: string | null;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

function Choice({ icon, why, onSelect, children }: ChoiceProps) {
  return (
    <DropdownMenu.Item
      className="menu-item pointer-coarse:min-h-11 [&>svg]:text-ink-soft"
      aria-disabled={why !== null}
      onSelect={(event) => {
        if (why === null) onSelect();
        else event.preventDefault();
      }}
    >
      {icon}
      <span>
        <span className={why === null ? "" : "text-ink-soft"}>{children}</span>
        {why !== null && <span className="block text-xs text-ink-soft">{why}</span>}
      </span>
    </DropdownMenu.Item>
  );
}

function HiddenInput(props: ComponentProps<"input">) {
  return <input type="file" hidden tabIndex={-1} {...props} />;
}
