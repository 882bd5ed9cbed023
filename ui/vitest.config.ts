import { mergeConfig } from "vite";
import { defineConfig } from "vitest/config";

import base from "./vite.config.ts";

// What draws is `.test.tsx` and gets a document; everything else runs without one, which is five times as fast.
export default mergeConfig(
  base,
  defineConfig({
    test: {
      restoreMocks: true,
      testTimeout: 30_000, // a busy machine is no failure
      projects: [
        { extends: true, test: { name: "pure", environment: "node", include: ["src/**/*.test.ts"] } },
        {
          extends: true,
          test: {
            name: "drawn",
            environment: "jsdom",
            include: ["src/**/*.test.tsx"],
            setupFiles: ["src/shared/test-setup.ts"],
          },
        },
      ],
    },
  }),
);
