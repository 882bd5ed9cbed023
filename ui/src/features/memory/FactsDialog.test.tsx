import { fireEvent, render, screen } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { expect, it } from "vitest";

import type { Api } from "@/core/api";
import { setUp } from "@/core/session-test-setup";
import type { WireFact } from "@/core/wire";
import { SessionContext } from "@/shared/session";

import FactsDialog from "./FactsDialog";

it("what is typed while a fact is being saved is not lost", async () => {
  const saved = Promise.withResolvers<WireFact>();
  const { session } = setUp({
    memory: async () => ({ enabled: true, facts: [] }),
    addFact: () => saved.promise,
  } as Partial<Api>);
  render(
    <Tooltip.Provider>
      <SessionContext value={session}>
        <FactsDialog />
      </SessionContext>
    </Tooltip.Provider>,
  );
  const box = await screen.findByLabelText<HTMLTextAreaElement>("New fact");
  const type = (value: string): boolean => fireEvent.change(box, { target: { value } });
  type("First");
  fireEvent.keyDown(box, { key: "Enter" });
  type("The sec");
  saved.resolve({ id: "fact_1", text: "First" });
  await screen.findByText("Added.");
  expect(box.value).toBe("The sec");
});
