/** An answer written in Markdown: plain until the renderer is there, then formatted. */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { useLoaded } from "../shell/lazy";

const loadRenderer = () => import("../text/markdown");

export function Markdown({ text }: { readonly text: string }): JSX.Element {
  const renderer = useLoaded(loadRenderer);
  const html = useMemo(() => renderer?.toSafeHtml(text), [renderer, text]);
  if (html === undefined) return <p class="said">{text}</p>;
  return <div class="markdown" dangerouslySetInnerHTML={{ __html: html }} />;
}
