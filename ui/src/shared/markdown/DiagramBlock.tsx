import { Check, CodeXml, Copy, Workflow } from "lucide-react";
import { useEffect, useState } from "react";

import { useT } from "@/shared/i18n/i18n";
import { useIsDark } from "@/shared/theme";
import { IconButton } from "@/shared/ui/IconButton";
import { useCopy } from "@/shared/use-copy";

import { CodeBlock } from "./Code";
import type { Diagram } from "./diagram";

/** A finished block of mermaid: the drawing, and its source for who asks; the source alone where it cannot be drawn. */
export function DiagramBlock({ code }: { code: string }) {
  const t = useT();
  const [isSource, setSource] = useState(false);
  const copy = useCopy();
  const diagram = useDiagram(code);
  const toggle = (
    <IconButton
      label={isSource ? t("diagram.show") : t("diagram.source")}
      size="small"
      onClick={() => setSource(!isSource)}
    >
      {isSource ? <Workflow /> : <CodeXml />}
    </IconButton>
  );
  if (diagram === null) return <CodeBlock code={code} language="mermaid" />;
  if (isSource) return <CodeBlock code={code} language="mermaid" tools={toggle} />;
  return (
    <figure className="code-block not-prose" aria-label={t("diagram.label")}>
      <figcaption className="flex h-9 items-center justify-between gap-2 border-b border-line pr-1 pl-4 text-xs text-ink-soft">
        <span className="font-mono">mermaid</span>
        <span className="flex">
          {toggle}
          <IconButton
            label={copy.isDone ? t("message.copied") : t("code.copy")}
            size="small"
            onClick={() => copy.run(code)}
          >
            {copy.isDone ? <Check /> : <Copy />}
          </IconButton>
        </span>
      </figcaption>
      <div
        className="max-h-[70dvh] overflow-auto p-4"
        role="group"
        aria-label={t("diagram.label")}
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without it the keyboard cannot scroll it
        tabIndex={0}
      >
        <img
          src={diagram.source}
          width={Math.round(diagram.width)}
          height={Math.round(diagram.height)}
          alt={code}
          className="mx-auto h-auto max-w-full rounded-none!"
        />
      </div>
    </figure>
  );
}

/** The drawing in the colours of the theme; null until it is made, and where it cannot be. */
function useDiagram(code: string): Diagram | null {
  const isDark = useIsDark();
  const [made, setMade] = useState<{ code: string; diagram: Diagram | null } | null>(null);
  useEffect(() => {
    let isWanted = true;
    void import("./diagram")
      .then(({ draw }) => draw(code))
      .then((diagram) => isWanted && setMade({ code, diagram }));
    return () => {
      isWanted = false;
    };
  }, [code, isDark]);
  return made?.code === code ? made.diagram : null;
}
