import { ExternalLink } from "lucide-react";

import { useT } from "@/shared/i18n/i18n";

import { hostOf, isOwnImage, safeLink } from "./links";

/** An image of our own is drawn; one of another host is a link that says whose it is. */
export function Image({ source, alt }: { source: string | undefined; alt?: string | undefined }) {
  const t = useT();
  if (isOwnImage(source)) return <img src={source} alt={alt ?? ""} loading="lazy" decoding="async" />;
  const address = safeLink(source);
  const words = alt || (address === null ? "" : t("image.link", { host: hostOf(address) }));
  if (address === null) return <span>{words}</span>;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer nofollow" className="image-link">
      <ExternalLink aria-hidden />
      {words}
      <span className="text-ink-soft">{hostOf(address)}</span>
    </a>
  );
}
