import { ImageOff } from "lucide-react";
import type { Source } from "@/shared/files/use-content";
import { usePicture } from "@/shared/files/use-content";
import { classes } from "@/shared/classes";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { BlobImage } from "@/shared/ui/BlobImage";
import { FileMark } from "@/shared/ui/FileMark";
import { useNear } from "@/shared/use-near";

interface TileProps {
  readonly source: Source;
  /** Empty: nobody knows it. */
  readonly name: string;
  readonly className?: string;
}

/** A picture in a square of a size that does not depend on it; a press shows all of it. */
export function PictureTile({ source, name, className }: TileProps) {
  const t = useT();
  const [place, isNear] = useNear();
  const { blob, trouble } = usePicture(source, isNear);
  const label = name === "" ? t("attach.imageUnnamed") : t("attach.image", { name });
  return (
    <button
      ref={place}
      type="button"
      title={name}
      aria-label={trouble === null ? label : `${label}. ${t(`attach.${trouble}`)}`}
      className={classes(
        "tile flex shrink-0 items-center justify-center overflow-hidden rounded-2xl border bg-floor text-ink-soft",
        className,
      )}
      onClick={(event) => openDialog({ kind: "picture", name, ...source }, event.currentTarget)}
    >
      {blob !== null && <BlobImage blob={blob} alt="" className="row-enter size-full object-cover" />}
      {trouble !== null && (
        <span className="flex min-w-0 flex-col items-center gap-1.5 p-2 text-xs">
          <ImageOff className="size-5" aria-hidden />
          <span className="line-clamp-2 break-all">{name || t("attach.imageUnnamed")}</span>
        </span>
      )}
    </button>
  );
}

/** A file by its name; a press opens its text. */
export function FileTile({ source, name, className }: TileProps) {
  const t = useT();
  const label = name === "" ? t("attach.fileUnnamed") : t("attach.file", { name });
  return (
    <button
      type="button"
      aria-label={label}
      title={name}
      className={classes(
        "tile flex min-w-0 items-center gap-2.5 rounded-2xl border bg-paper px-3 text-left text-sm transition-colors hover:bg-hover",
        className,
      )}
      onClick={(event) => openDialog({ kind: "textFile", name, draft: null, ...source }, event.currentTarget)}
    >
      <FileMark />
      <span className="min-w-0 flex-1 truncate font-medium">{name || t("attach.fileUnnamed")}</span>
    </button>
  );
}
