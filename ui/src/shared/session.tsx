/** How components reach the session and its state. */
import { createContext, use } from "react";
import { useStore } from "zustand";

import type { Session } from "@/core/session";
import type { ChatState } from "@/core/state";

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error("no SessionContext above this component");
  return session;
}

/** A part of the state. `select` must return the same object while nothing changed. */
export function useChat<T>(select: (state: ChatState) => T): T {
  return useStore(useSession().store, select);
}
