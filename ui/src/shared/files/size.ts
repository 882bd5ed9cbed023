/** Bytes as people say them: "12 kB", "3.4 MB". */
export function sizeOf(bytes: number, locale: string): string {
  const unit = bytes < 1000 ? "byte" : bytes < 1_000_000 ? "kilobyte" : "megabyte";
  const value = { byte: bytes, kilobyte: bytes / 1000, megabyte: bytes / 1_000_000 }[unit];
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: value < 10 && unit !== "byte" ? 1 : 0,
  }).format(value);
}
