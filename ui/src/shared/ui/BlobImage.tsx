import type { ComponentProps } from "react";
import { useCallback } from "react";

interface BlobImageProps extends Omit<ComponentProps<"img">, "src" | "alt"> {
  /** Of a kind that may be drawn. */
  readonly blob: Blob;
  readonly alt: string;
}

/** A picture that the page has. The address under which the browser draws it lives as long as it stands. */
export function BlobImage({ blob, alt, ...rest }: BlobImageProps) {
  const draw = useCallback(
    (image: HTMLImageElement | null) => {
      if (image === null) return undefined;
      const address = URL.createObjectURL(blob);
      image.src = address;
      return () => URL.revokeObjectURL(address);
    },
    [blob],
  );
  return <img ref={draw} alt={alt} {...rest} />;
}
