/**
 * What becomes of a file before it is sent: pictures are drawn anew, smaller and without what the camera wrote into them
 * (where and when, by whom); texts are read, so that the server gets UTF-8; the rest is refused.
 */
import type { Prepared } from "@/core/attaching";
import { kindOf } from "@/core/attaching";

import {
  fitted,
  LONGEST_EDGE_PX,
  MOST_IMAGE_BYTES,
  MOST_LOSSLESS_BYTES,
  MOST_TEXT_BYTES,
  named,
} from "./bounds";
import { textIn } from "./text";

const QUALITY = 0.88;
/** Kinds that may be see-through. */
const SEE_THROUGH = new Set(["image/png", "image/webp", "image/gif", "image/avif"]);

export async function prepare(file: File): Promise<Prepared> {
  try {
    return kindOf(file) === "image" ? await picture(file) : await text(file);
  } catch {
    // It was moved or taken away while it was read.
    return { refused: "sort", most: 0 };
  }
}

async function text(file: File): Promise<Prepared> {
  if (file.size > MOST_TEXT_BYTES) return { refused: "tooLarge", most: MOST_TEXT_BYTES };
  const words = textIn(new Uint8Array(await file.arrayBuffer()));
  if (words === null) return { refused: "sort", most: 0 };
  const type = file.type.startsWith("text/") ? file.type : "text/plain";
  return { kind: "file", name: file.name, content: new Blob([words], { type: `${type.split(";")[0]}` }) };
}

async function picture(file: File): Promise<Prepared> {
  if (file.size > MOST_IMAGE_BYTES) return { refused: "tooLarge", most: MOST_IMAGE_BYTES };
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return { refused: "image", most: 0 };
  }
  try {
    const content = await drawn(bitmap, file.type);
    return { kind: "image", name: named(file.name, content.type), content };
  } finally {
    bitmap.close();
  }
}

/** Photos as JPEG; what may be see-through or has sharp letters as PNG, unless that is too large. */
async function drawn(bitmap: ImageBitmap, type: string): Promise<Blob> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, fitted(bitmap.width, bitmap.height, LONGEST_EDGE_PX));
  const pen = canvas.getContext("2d");
  if (pen === null) throw new Error("no canvas");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  if (SEE_THROUGH.has(type)) {
    const whole = await blobOf(canvas, "image/png");
    if (whole.size <= MOST_LOSSLESS_BYTES) return whole;
  }
  // On white, as paper is; else what was see-through would be black.
  pen.globalCompositeOperation = "destination-over";
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  return blobOf(canvas, "image/jpeg");
}

function blobOf(canvas: HTMLCanvasElement, type: string): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(new Error("no picture")) : resolve(blob)), type, QUALITY);
  });
}
