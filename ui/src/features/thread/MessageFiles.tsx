import type { Attachment } from "@/core/attachments";
import type { Part } from "@/core/tree";
import { useT } from "@/shared/i18n/i18n";
import { Image } from "@/shared/markdown/Image";
import { RemoveCorner } from "@/shared/ui/RemoveCorner";
import { FileTile, PictureTile } from "@/shared/ui/Tiles";

/** What a person sent with a message: pictures, then texts. The places of pictures are as large before they are here. */
export function MessageFiles({ parts }: { parts: readonly Part[] }) {
  const t = useT();
  const pictures = parts.filter(({ kind }) => kind === "image");
  const files = parts.filter(({ kind }) => kind === "file");
  if (pictures.length + files.length === 0) return null;
  const size = pictures.length === 1 ? "size-60" : "size-36";
  return (
    <ul aria-label={t("attach.of")} className="mb-1.5 flex max-w-[85%] flex-wrap justify-end gap-1.5">
      {[...pictures, ...files].map((part, index) => (
        // A message never changes.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={index} className={part.kind === "image" ? "max-w-full" : "flex basis-full justify-end"}>
          {part.file === undefined ? (
            <Elsewhere part={part} />
          ) : part.kind === "image" ? (
            <PictureTile source={{ file: part.file, content: null }} name={part.text} className={size} />
          ) : (
            <FileTile
              source={{ file: part.file, content: null }}
              name={part.text}
              className="h-14 max-w-72"
            />
          )}
        </li>
      ))}
    </ul>
  );
}

/** What came in from elsewhere: a picture within the message or at an address, a file of which only the name is known. */
function Elsewhere({ part }: { part: Part }) {
  const t = useT();
  if (part.kind === "image") {
    return (
      <span className="prose block [&_img]:max-h-80">
        <Image source={part.text} alt={t("message.image")} />
      </span>
    );
  }
  return <span className="text-sm text-ink-soft">{t("message.file", { name: part.text })}</span>;
}

interface EditedFilesProps {
  readonly attachments: readonly Attachment[];
  readonly onRemove: (gone: Attachment) => void;
}

/** The same while the message is edited: what stays with it. */
export function EditedFiles({ attachments, onRemove }: EditedFilesProps) {
  const t = useT();
  if (attachments.length === 0) return null;
  return (
    <ul aria-label={t("attach.list")} className="flex flex-wrap gap-2.5 px-1 pt-1 pb-2">
      {attachments.map((one) => {
        const source = { file: one.id, content: null };
        const unnamed = t(one.kind === "image" ? "attach.imageUnnamed" : "attach.fileUnnamed");
        const label = t("attach.remove", { name: one.name || unnamed });
        return (
          <li key={one.id} className="relative max-w-full">
            {one.kind === "image" ? (
              <PictureTile source={source} name={one.name} className="size-18" />
            ) : (
              <FileTile source={source} name={one.name} className="h-18 w-52 max-w-[70vw]" />
            )}
            <RemoveCorner label={label} onRemove={() => onRemove(one)} />
          </li>
        );
      })}
    </ul>
  );
}
