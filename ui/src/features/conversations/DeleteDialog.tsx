import { AlertDialog } from "radix-ui";

import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { Confirm } from "@/shared/ui/Confirm";

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
      <Confirm
        title={t("delete.title")}
        body={t("delete.body", { title })}
        keep={t("delete.cancel")}
        confirm={t("delete.confirm")}
        onConfirm={() => void session.list.remove(id)}
      />
    </AlertDialog.Root>
  );
}
