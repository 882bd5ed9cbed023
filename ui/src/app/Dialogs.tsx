import { lazy, Suspense } from "react";

import { useDialog } from "@/shared/dialogs";

const ContextDialog = lazy(() => import("@/features/memory/ContextDialog"));
const FactsDialog = lazy(() => import("@/features/memory/FactsDialog"));
const RememberDialog = lazy(() => import("@/features/memory/RememberDialog"));

/** The large dialogs; each is fetched when it is opened first. */
export function Dialogs() {
  const dialog = useDialog();
  if (dialog === null) return null;
  return (
    <Suspense fallback={null}>
      {dialog.kind === "context" && <ContextDialog key={dialog.response} response={dialog.response} />}
      {dialog.kind === "facts" && <FactsDialog />}
      {dialog.kind === "remember" && <RememberDialog said={dialog.text} />}
    </Suspense>
  );
}
