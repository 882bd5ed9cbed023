/**
 * Writes src/core/wire.gen.ts, the types of what travels, from docs/openapi.json.
 *
 * With --check it writes nothing and fails when the file is older than the document.
 */
import { readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const SOURCE = new URL("../../docs/openapi.json", import.meta.url);
const TARGET = new URL("../src/core/wire.gen.ts", import.meta.url);
// What the page reads; what these hold comes with them.
const READ = [
  "Event",
  "Response",
  "Item",
  "PlacedItem",
  "Tree",
  "ConversationBody",
  "ConversationPage",
  "ConversationUpdate",
  "ContextBody",
  "HitPage",
  "FolderList",
  "CustomBody",
  "PromptBody",
  "PromptCreate",
  "PromptVersionBody",
  "MemoryBody",
  "FactBody",
  "FileBody",
  "FeedbackBody",
  "ImportRecord",
  "ImportReport",
  "ShareBody",
  "SharedBody",
  "VoiceBody",
  "ModelBody",
  "ModelList",
  "ErrorBody",
];
const BANNER = "/** Made from docs/openapi.json by `make wire`; not written by hand. */";

/** OpenAPI keeps its schemas elsewhere than JSON Schema does, and every title would become a type of its own. */
function asJsonSchema(node) {
  if (Array.isArray(node)) return node.map(asJsonSchema);
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key, value]) => !(key === "title" && typeof value === "string"),
  );
  return Object.fromEntries(
    entries.map(([key, value]) =>
      key === "$ref"
        ? [key, value.replace("#/components/schemas/", "#/definitions/")]
        : [key, asJsonSchema(value)],
    ),
  );
}

const { components } = JSON.parse(await readFile(SOURCE, "utf8"));
const definitions = Object.fromEntries(
  Object.entries(components.schemas).map(([name, schema]) => [name, asJsonSchema(schema)]),
);
const properties = Object.fromEntries(READ.map((name) => [name, { $ref: `#/definitions/${name}` }]));
const text = await compile({ type: "object", properties, required: READ, definitions }, "Wire", {
  bannerComment: BANNER,
  additionalProperties: false,
  ignoreMinAndMaxItems: true,
});
if (process.argv.includes("--check")) {
  const committed = await readFile(TARGET, "utf8").catch(() => "");
  if (committed !== text) {
    process.stderr.write("wire: src/core/wire.gen.ts is older than docs/openapi.json; run `make wire`.\n");
    process.exit(1);
  }
} else {
  await writeFile(TARGET, text);
  process.stdout.write("wire: ui/src/core/wire.gen.ts\n");
}
