/** Sends a file with the browser's own means; `fetch` cannot tell how much of it has left. */
import { ApiError } from "@/core/api";
import type { Upload } from "@/core/moving";

/** @param key what the server asks for when it is reached from another machine; null without one. */
export function browserUpload(key: () => string | null): Upload {
  return (path, file, hears) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      let read = 0;
      function readOn(isEnd: boolean): void {
        if (request.status !== 200) return;
        const end = isEnd ? request.responseText.length : request.responseText.lastIndexOf("\n") + 1;
        if (end <= read) return;
        const lines = request.responseText.slice(read, end).split("\n");
        read = end;
        for (const line of lines) if (line !== "") hears.line(line);
      }
      request.open("POST", `/v1${path}`);
      request.setRequestHeader("content-type", "application/octet-stream");
      const secret = key();
      if (secret !== null) request.setRequestHeader("authorization", `Bearer ${secret}`);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) hears.sent(event.total === 0 ? 1 : event.loaded / event.total);
      });
      request.upload.addEventListener("load", () => hears.sent(1));
      request.addEventListener("progress", () => readOn(false));
      request.addEventListener("error", () =>
        reject(new ApiError(0, "unreachable", "the server cannot be reached")),
      );
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

function refusal(request: XMLHttpRequest): ApiError {
  try {
    const body = JSON.parse(request.responseText) as { error?: { code?: string | null; message?: string } };
    return new ApiError(request.status, body.error?.code ?? null, body.error?.message ?? request.statusText);
  } catch {
    return new ApiError(request.status, null, request.statusText);
  }
}
