import { expect, it } from "vitest";

import type { Translate } from "./i18n/i18n";

import { loadingStep } from "./loading-step";

const t: Translate = (key, ...places) => [key, ...places.map((place) => JSON.stringify(place))].join(" ");

it.each([
  ["vLLM is starting.", "loading.starting"],
  ["vLLM is starting its engine.", "loading.starting"],
  ["vLLM is downloading the weights.", "loading.downloading"],
  ["vLLM is loading the weights.", "loading.weights"],
  ["vLLM is loading the weights (42%).", 'loading.percent {"percent":"42"}'],
  ["vLLM is measuring its memory.", "loading.preparing"],
  ["vLLM is warming up.", "loading.preparing"],
  ["vLLM is trying out the model.", "loading.trying"],
  ["It waits for the model 'llama', on whose engine it runs.", 'loading.host {"name":"llama"}'],
  ["It is being restarted; answers that run come to their end.", "loading.draining"],
])("%s is told in the person's words", (sentence, words) => {
  expect(loadingStep(t, sentence)).toBe(words);
});

it("what another backend says is shown as it is", () => {
  expect(loadingStep(t, "The echo is being loaded (20%).")).toBeNull();
});
