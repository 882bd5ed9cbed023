import { useState } from "react";

import type { Access } from "@/core/state";
import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { Logo } from "@/shared/ui/Logo";

/** In place of everything while the server does not let this browser in. */
export function KeyGate({ access }: { access: Exclude<Access, { kind: "open" }> }) {
  const t = useT();
  return (
    <main className="flex h-dvh items-center justify-center overflow-y-auto p-4">
      <div className="w-full max-w-sm rounded-3xl border bg-card p-7 shadow-card">
        <Logo className="mb-5 size-11" />
        {access.kind === "refused" ? (
          <>
            <h1 className="text-lg font-semibold">{t("access.refused")}</h1>
            <p className="mt-2 text-sm leading-relaxed text-ink-soft">{access.message}</p>
          </>
        ) : (
          <KeyForm wasWrong={access.wasWrong} />
        )}
      </div>
    </main>
  );
}

function KeyForm({ wasWrong }: { wasWrong: boolean }) {
  const t = useT();
  const session = useSession();
  const [key, setKey] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() !== "") session.comeIn(key);
      }}
    >
      <h1 className="text-lg font-semibold">{t("access.title")}</h1>
      <p className="mt-2 text-sm leading-relaxed text-ink-soft">{t("access.help")}</p>
      <code className="mt-2 block rounded-lg bg-wood-soft px-3 py-2 font-mono text-sm">maru keys create</code>
      <label className="mt-5 block text-sm font-medium">
        {t("access.label")}
        <input
          type="password"
          autoComplete="current-password"
          value={key}
          aria-invalid={wasWrong}
          onChange={(event) => setKey(event.currentTarget.value)}
          className="mt-1.5 block h-11 w-full rounded-xl border bg-paper px-3.5 text-base outline-none focus:border-wood"
        />
      </label>
      {wasWrong && (
        <p role="alert" className="mt-2 text-sm text-danger">
          {t("access.wrong")}
        </p>
      )}
      <button type="submit" className="button button-wood mt-5 h-11 w-full" disabled={key.trim() === ""}>
        {t("access.enter")}
      </button>
    </form>
  );
}
