import { AlertDialog } from "radix-ui";

interface ConfirmProps {
  readonly title: string;
  readonly body: string;
  /** On the button that changes nothing. */
  readonly keep: string;
  /** On the button that does it. */
  readonly confirm: string;
  readonly onConfirm: () => void;
}

/** The question before something is gone for good; stands in an `AlertDialog.Root`. */
export function Confirm({ title, body, keep, confirm, onConfirm }: ConfirmProps) {
  return (
    <AlertDialog.Portal>
      <AlertDialog.Overlay className="overlay z-50" />
      <AlertDialog.Content className="fixed top-1/2 left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-2xl border bg-card p-5 shadow-card">
        <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
        <AlertDialog.Description className="mt-2 text-sm leading-relaxed text-ink-soft">
          {body}
        </AlertDialog.Description>
        <div className="mt-5 flex justify-end gap-2">
          <AlertDialog.Cancel className="button button-plain">{keep}</AlertDialog.Cancel>
          <AlertDialog.Action className="button button-danger" onClick={onConfirm}>
            {confirm}
          </AlertDialog.Action>
        </div>
      </AlertDialog.Content>
    </AlertDialog.Portal>
  );
}
