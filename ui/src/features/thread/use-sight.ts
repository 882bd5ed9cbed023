import { useState } from "react";

import type { Sight } from "@/core/sight";
import { sightKeeper } from "@/core/sight";
import { openThread } from "@/core/state";
import { useChat } from "@/shared/session";

/** Where the model's memory of the open conversation begins. */
export function useSight(): Sight {
  const [keep] = useState(() => sightKeeper());
  return useChat((state) => keep(openThread(state)));
}
