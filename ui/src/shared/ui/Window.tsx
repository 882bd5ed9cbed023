import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";

import { closeDialog, focusOpener } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";

import { leaveEscapeInside } from "./escape";

interface WindowProps {
  readonly title: string;
  /** One sentence below the title. */
  readonly lead?: ReactNode;
  readonly children: ReactNode;
}

/** A large dialog over the page; what it holds scrolls inside it. */
export function Window({ title, lead, children }: WindowProps) {
  const t = useT();
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && closeDialog()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay z-50" />
        <Dialog.Content
          {...(lead === undefined ? { "aria-describedby": undefined } : {})}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[min(44rem,calc(100dvh-2rem))] w-[min(38rem,calc(100vw-1.5rem))] -translate-x-1/2 -translate-y-1/2 flex-col rounded-2xl border bg-card shadow-card outline-none"
          // The first button would get the focus, and its tooltip would open.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          onEscapeKeyDown={leaveEscapeInside}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusOpener();
          }}
        >
          <div className="flex items-start gap-2 px-5 pt-4 pb-2">
            <div className="min-w-0 flex-1">
              <Dialog.Title className="pt-1 text-lg leading-snug font-semibold">{title}</Dialog.Title>
              {lead !== undefined && (
                <Dialog.Description className="mt-1 text-sm leading-relaxed text-ink-soft">
                  {lead}
                </Dialog.Description>
              )}
            </div>
            <Dialog.Close
              aria-label={t("dialog.close")}
              className="-mr-2 flex size-9 shrink-0 items-center justify-center rounded-lg text-ink-soft hover:bg-hover hover:text-ink pointer-coarse:size-10"
            >
              <X className="size-[18px]" />
            </Dialog.Close>
          </div>
          <div
            role="group"
            aria-label={title}
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without it the keyboard cannot scroll it
            tabIndex={0}
            className="min-h-0 overflow-y-auto rounded-b-2xl px-5 pt-1 pb-5 -outline-offset-2"
          >
            {children}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
