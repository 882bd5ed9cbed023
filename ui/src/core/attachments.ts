/** Files that go with a message: what they are, and how they stand in parts of a message and on the wire. Pure. */
import type { Part, Thread, TreeNode } from "./tree";
import { textOf } from "./tree";
import type { InputPart, WireModel } from "./wire";

/** Of one message. */
export const MOST_ATTACHMENTS = 10;

export type AttachmentKind = "image" | "file";

/** A file of the person's that the server keeps. */
export interface Attachment {
  /** `file_…` */
  readonly id: string;
  readonly kind: AttachmentKind;
  /** Empty where nobody knows it any more. */
  readonly name: string;
}

/** A message of the person's. */
export interface Said {
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

export function isNothing({ text, attachments }: Said): boolean {
  return text.trim() === "" && attachments.length === 0;
}

/** Whether a model is shown images; the server says so of those that are. */
export function canSee(model: WireModel | undefined): boolean {
  return model?.input_modalities?.includes("image") === true;
}

/** The same, while nobody knows yet: of a model that is still loading only that can be told which needs no engine. */
export function mightSee(model: WireModel | undefined): boolean {
  return model === undefined || model["maru:state"] === "loading" || canSee(model);
}

export function hasImages(attachments: readonly Attachment[]): boolean {
  return attachments.some(({ kind }) => kind === "image");
}

/** Files of a message that the server keeps, in their order; what was put there by address is none. */
export function attachmentsOf(node: TreeNode | undefined): readonly Attachment[] {
  return (node?.parts ?? []).flatMap(({ kind, text, file }) =>
    file !== undefined && (kind === "image" || kind === "file") ? [{ id: file, kind, name: text }] : [],
  );
}

/** Ids of all files of a conversation. */
export function filesIn(thread: Thread): readonly string[] {
  return Object.values(thread.nodes).flatMap((node) => attachmentsOf(node).map(({ id }) => id));
}

/** The names of what goes with a message, for where nothing was said. */
export function namesOf(node: TreeNode | undefined): string {
  return attachmentsOf(node)
    .map(({ name }) => name)
    .filter(Boolean)
    .join(", ");
}

export function saidIn(node: TreeNode): Said {
  return { text: textOf(node), attachments: attachmentsOf(node) };
}

/** As parts of a message on the page. */
export function partsFor({ text, attachments }: Said): readonly Part[] {
  const files = attachments.map(({ id, kind, name }): Part => ({ kind, text: name, file: id }));
  return text === "" && files.length > 0 ? files : [...files, { kind: "text", text }];
}

/** As content of a message on the wire. */
export function contentFor({ text, attachments }: Said): readonly InputPart[] {
  const files = attachments.map(({ id, kind, name }): InputPart =>
    kind === "image"
      ? { type: "input_image", file_id: id, detail: "auto" }
      : { type: "input_file", file_id: id, ...(name === "" ? {} : { filename: name }) },
  );
  return text === "" && files.length > 0 ? files : [...files, { type: "input_text", text }];
}

/** Whether two messages are the same to whoever reads them. */
export function isSameSaid(one: Said, other: Said): boolean {
  return (
    one.text === other.text &&
    one.attachments.length === other.attachments.length &&
    one.attachments.every(({ id }, index) => id === other.attachments[index]?.id)
  );
}

/** Whether something that an earlier page of this tab kept is one. */
export function isAttachment(value: unknown): value is Attachment {
  if (typeof value !== "object" || value === null) return false;
  const { id, kind, name } = value as Partial<Record<keyof Attachment, unknown>>;
  return typeof id === "string" && typeof name === "string" && (kind === "image" || kind === "file");
}
