import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";

import { closerOfThis, openDialog, useDialog } from "./dialogs";

it("what was saved closes its own dialog, and not one that was opened meanwhile", () => {
  openDialog({ kind: "custom" });
  const close = closerOfThis();
  openDialog({ kind: "facts" });
  close();
  expect(renderHook(useDialog).result.current).toEqual({ kind: "facts" });
  closerOfThis()();
  expect(renderHook(useDialog).result.current).toBeNull();
});
