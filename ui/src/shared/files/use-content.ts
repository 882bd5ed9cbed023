import { useEffect, useState } from "react";

import { ApiError } from "@/core/api";
import { useSession } from "@/shared/session";

import { contentOf, isDrawn } from "./contents";

/** Where a file's bytes are: here, or with the server; one of them is not null. */
export interface Source {
  readonly file: string | null;
  readonly content: Blob | null;
}

export interface Content {
  /** Null until it is here. */
  readonly blob: Blob | null;
  /** The server has it no more, or cannot be reached. */
  readonly trouble: "gone" | "lost" | null;
}

const NOTHING: Content = { blob: null, trouble: null };

/** A file's bytes. Synchronises with the server; asks it only while `isWanted`. */
export function useContent({ file, content }: Source, isWanted = true): Content {
  const { fileContent } = useSession();
  const [found, setFound] = useState<{ readonly of: string | null; readonly content: Content }>({
    of: null,
    content: NOTHING,
  });
  const isHere = content !== null;
  useEffect(() => {
    if (isHere || file === null || !isWanted) return undefined;
    let isLeft = false;
    const show = (shown: Content): void => {
      if (!isLeft) setFound({ of: file, content: shown });
    };
    contentOf(file, fileContent).then(
      (blob) => show({ blob, trouble: null }),
      (error: unknown) => {
        const isGone = error instanceof ApiError && error.status === 404;
        show({ blob: null, trouble: isGone ? "gone" : "lost" });
      },
    );
    return () => {
      isLeft = true;
    };
  }, [file, isHere, isWanted, fileContent]);
  if (content !== null) return { blob: content, trouble: null };
  return found.of === file ? found.content : NOTHING;
}

/** The same of a picture; what may not be drawn is gone. */
export function usePicture(source: Source, isWanted = true): Content {
  const found = useContent(source, isWanted);
  return found.blob === null || isDrawn(found.blob) ? found : { blob: null, trouble: "gone" };
}
