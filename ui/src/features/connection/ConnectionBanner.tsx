import { useEffect, useState } from "react";

import { Planks } from "@/shared/ui/Logo";
import { useT } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";

/** A connection that comes back this soon was never worth a word, in ms. */
const PATIENCE_MS = 1_500;

export function ConnectionBanner() {
  const t = useT();
  const isLost = useChat((state) => state.connection === "lost");
  const isShown = useForAWhile(isLost);
  if (!isShown) return null;
  return (
    <p className="pointer-events-none absolute inset-x-0 top-16 z-30 flex justify-center px-4">
      <span className="row-enter flex items-center gap-2.5 rounded-full border bg-card px-4 py-2 text-sm shadow-card">
        <Planks />
        {t("connection.lost")}
      </span>
    </p>
  );
}

/** True once `value` has been true for a while; synchronises with the clock. */
function useForAWhile(value: boolean): boolean {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    if (!value) return undefined;
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => {
      clearTimeout(timer);
      setLong(false);
    };
  }, [value]);
  return value && isLong;
}
