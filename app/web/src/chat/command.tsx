/** A kubectl line that can be copied. */
import type { JSX } from "preact";
import { CopyButton } from "../shell/copy";

export function CommandLine({ line }: { readonly line: string }): JSX.Element {
  return (
    <span class="command">
      <code>{line}</code>
      <CopyButton text={() => line} label="Copy command" />
    </span>
  );
}
