import { AlertDialog } from "radix-ui";

import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";

interface DeleteDialogProps {
  readonly id: string;
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

export function DeleteDialog({ id, title, isOpen, onClose }: DeleteDialogProps) {
  const t = useT();
  const session = useSession();
  return (
    <AlertDialog.Root open={isOpen} onOpenChange={(open) => !open && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay z-50" />
        <AlertDialog.Content className="fixed top-1/2 left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-2xl border bg-card p-5 shadow-card">
          <AlertDialog.Title className="text-base font-semibold">{t("delete.title")}</AlertDialog.Title>
          <AlertDialog.Description className="mt-2 text-sm leading-relaxed text-ink-soft">
            {t("delete.body", { title })}
          </AlertDialog.Description>
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Cancel className="button button-plain">{t("delete.cancel")}</AlertDialog.Cancel>
            <AlertDialog.Action className="button button-danger" onClick={() => void session.remove(id)}>
              {t("delete.confirm")}
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
