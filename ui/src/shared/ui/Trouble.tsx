import type { ReactNode } from "react";

import { ApiError } from "@/core/api";
import { errorKey } from "@/shared/errors";
import { useT } from "@/shared/i18n/i18n";

/** That something the person asked for was refused, and why. */
export function Trouble({ what, error }: { what: ReactNode; error: unknown }) {
  const t = useT();
  const key = error instanceof ApiError ? errorKey(error.code) : null;
  const why = key === null ? (error instanceof Error ? error.message : "") : t(key);
  return (
    <p role="alert" className="text-sm text-danger">
      {what} {why}
    </p>
  );
}
