import { fireEvent, render, screen } from "@testing-library/react";
import { Tooltip } from "radix-ui";
import { expect, it } from "vitest";

import type { Api } from "@/core/api";
import { setUp } from "@/core/session-test-setup";
import type { WireShare } from "@/core/wire";
import { SessionContext } from "@/shared/session";

import SharesDialog from "./SharesDialog";

const share = (id: string): WireShare =>
  ({ id, conversation: "conv_1", path: `/s/${id}`, created_at: 1, title: null }) as unknown as WireShare;

it.each([["that does not know it"], ["that knows it already"]])(
  "a link that is made before the list of links comes stands there once, beside a list %s",
  async (list) => {
    const found = Promise.withResolvers<readonly WireShare[]>();
    const { session } = setUp({
      shares: () => found.promise,
      share: async () => share("new"),
    } as Partial<Api>);
    render(
      <Tooltip.Provider>
        <SessionContext value={session}>
          <SharesDialog conversation="conv_1" />
        </SessionContext>
      </Tooltip.Provider>,
    );
    fireEvent.click(screen.getByText("Make a link"));
    await screen.findByText(/\/s\/new$/);
    found.resolve(list === "that knows it already" ? [share("new"), share("old")] : [share("old")]);
    await screen.findByText(/\/s\/old$/);
    const links = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href"));
    expect(links).toEqual(["/s/new", "/s/old"]);
  },
);
