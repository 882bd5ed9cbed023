/** Sends a file with the browser's own means; `fetch` cannot tell how much of it has left. */
import { ApiError } from "@/core/api";
import type { SendFile } from "@/core/attaching";
import type { Upload } from "@/core/moving";
import type { WireFile } from "@/core/wire";

/** @param key what the server asks for when it is reached from another machine; null without one. */
export function browserUpload(key: () => string | null): Upload {
  return (path, file, hears) =>
    new Promise((resolve, reject) => {
      const request = begun(path, key());
      let read = 0;
      function readOn(isEnd: boolean): void {
        if (request.status !== 200) return;
        const end = isEnd ? request.responseText.length : request.responseText.lastIndexOf("\n") + 1;
        if (end <= read) return;
        const lines = request.responseText.slice(read, end).split("\n");
        read = end;
        for (const line of lines) if (line !== "") hears.line(line);
      }
      request.setRequestHeader("content-type", "application/octet-stream");
      tellProgress(request, hears.sent);
      request.addEventListener("progress", () => readOn(false));
      request.addEventListener("error", () => reject(unreachable()));
      request.addEventListener("load", () => {
        if (request.status !== 200) {
          reject(refusal(request));
          return;
        }
        readOn(true);
        resolve();
      });
      request.send(file);
    });
}

/** One of the person's files, for a message. */
export function browserSendFile(key: () => string | null): SendFile {
  return ({ content, name, purpose }, hears, signal) =>
    new Promise((resolve, reject) => {
      const form = new FormData();
      form.set("purpose", purpose);
      form.set("maru:goes_with_chat", "true");
      form.set("file", content, name);
      const request = begun("/files", key());
      tellProgress(request, hears.sent);
      request.addEventListener("error", () => reject(unreachable()));
      request.addEventListener("abort", () => reject(new ApiError(0, "taken_back", "it was taken back")));
      request.addEventListener("load", () => {
        if (request.status === 200) resolve(JSON.parse(request.responseText) as WireFile);
        else reject(refusal(request));
      });
      signal.addEventListener("abort", () => request.abort());
      request.send(form);
    });
}

function begun(path: string, secret: string | null): XMLHttpRequest {
  const request = new XMLHttpRequest();
  request.open("POST", `/v1${path}`);
  if (secret !== null) request.setRequestHeader("authorization", `Bearer ${secret}`);
  return request;
}

function tellProgress(request: XMLHttpRequest, sent: (share: number) => void): void {
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) sent(event.total === 0 ? 1 : event.loaded / event.total);
  });
  request.upload.addEventListener("load", () => sent(1));
}

function unreachable(): ApiError {
  return new ApiError(0, "unreachable", "the server cannot be reached");
}

function refusal(request: XMLHttpRequest): ApiError {
  try {
    const body = JSON.parse(request.responseText) as { error?: { code?: string | null; message?: string } };
    return new ApiError(request.status, body.error?.code ?? null, body.error?.message ?? request.statusText);
  } catch {
    return new ApiError(request.status, null, request.statusText);
  }
}
