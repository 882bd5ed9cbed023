/** What comes with a paste or a drop. Pure but for the browser's own objects. */

/** A paste that is longer becomes a file, in characters. */
export const LONG_PASTE_CHARS = 2_500;

/** The files of a paste; none where they are only a picture of the words that come too, as office programs give it. */
export function pastedFiles(data: DataTransfer): readonly File[] {
  const files = [...data.files];
  const isPictureOfWords =
    data.types.includes("text/html") && data.getData("text/plain").trim() !== "" && files.every(isImage);
  return isPictureOfWords ? [] : files;
}

export function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes("Files") === true;
}

/** A field that takes files by itself. */
export function isTakenElsewhere(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input[type=file]");
}

function isImage({ type }: File): boolean {
  return type.startsWith("image/");
}

/** A screenshot that is pasted is called so by browsers, whatever it shows. */
export function isUnnamed({ name }: File): boolean {
  return name === "image.png" || name === "";
}

/** The first of `names` that is not in use: the plain one, then with a number. */
export function freeName(plain: string, next: (number: number) => string, used: readonly string[]): string {
  if (!used.includes(plain)) return plain;
  for (let number = 2; ; number += 1) {
    const name = next(number);
    if (!used.includes(name)) return name;
  }
}
