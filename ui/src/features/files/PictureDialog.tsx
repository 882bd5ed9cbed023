import { Download, ImageOff, LoaderCircle, X } from "lucide-react";
import { Dialog } from "radix-ui";

import { closeDialog, focusOpener } from "@/shared/dialogs";
import { usePicture } from "@/shared/files/use-content";
import type { Source } from "@/shared/files/use-content";
import { useT } from "@/shared/i18n/i18n";
import { saveFile } from "@/shared/save-file";
import { BlobImage } from "@/shared/ui/BlobImage";
import { IconButton } from "@/shared/ui/IconButton";

/** One picture, as large as the window; a press beside it, or Escape, leads back. */
export default function PictureDialog({ name, file, content }: { readonly name: string } & Source) {
  const t = useT();
  const { blob, trouble } = usePicture({ file, content });
  const title = name || t("attach.imageUnnamed");
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && closeDialog()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay z-50 bg-[rgb(20_14_6/0.72)]!" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[calc(100dvh-2rem)] max-w-[calc(100vw-1.5rem)] min-w-[min(20rem,calc(100vw-1.5rem))] -translate-x-1/2 -translate-y-1/2 flex-col overflow-hidden rounded-2xl border bg-card shadow-card outline-none"
          // The first button would get the focus, and its tooltip would open.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            focusOpener();
          }}
        >
          <div className="flex items-center gap-1 py-1.5 pr-1.5 pl-4">
            <Dialog.Title className="min-w-0 flex-1 truncate text-sm font-medium">{title}</Dialog.Title>
            <IconButton
              label={t("attach.download")}
              disabled={blob === null}
              onClick={() => blob !== null && saveFile(title, blob)}
            >
              <Download />
            </IconButton>
            <IconButton label={t("dialog.close")} onClick={closeDialog}>
              <X />
            </IconButton>
          </div>
          <div className="flex min-h-40 items-center justify-center bg-floor">
            {blob !== null ? (
              <BlobImage
                blob={blob}
                alt={title}
                className="max-h-[calc(100dvh-5.5rem)] max-w-full object-contain"
              />
            ) : trouble === null ? (
              <LoaderCircle
                role="img"
                aria-label={t("attach.loading")}
                className="size-6 animate-spin text-wood"
              />
            ) : (
              <p className="flex items-center gap-2 p-6 text-sm text-ink-soft">
                <ImageOff className="size-5" aria-hidden />
                {t(`attach.${trouble}`)}
              </p>
            )}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
