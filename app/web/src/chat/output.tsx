/** Text that a command printed: logs, YAML, JSON, descriptions. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { OutputAnswer } from "../protocol/events";
import { CopyButton } from "../shell/copy";
import { CommandLine } from "./command";

export function OutputBlock({
  output,
  growing = null,
}: {
  readonly output: OutputAnswer;
  /** Stops an output that grows; null for one that is whole. */
  readonly growing?: (() => void) | null;
}): JSX.Element {
  const wrap = useSignal(output.language !== "yaml" && output.language !== "json");
  const text = output.text.replace(/\n$/, "");
  const notes = output.notes.replace(/\n$/, "");
  const lines = useMemo(() => (text === "" ? 0 : text.split("\n").length), [text]);
  return (
    <div class="block" role="group" aria-label={`Output of ${output.command}`}>
      <div class="block-head">
        <CommandLine line={output.command} />
        <span class="muted">
          {output.cluster !== "" && `${output.cluster} · `}
          {lines === 1 ? "1 line" : `${lines} lines`}
          {output.truncated && ", cut off: there is more"}
        </span>
        <span class="block-tools">
          {growing !== null && (
            <button type="button" class="small" onClick={growing}>
              Stop
            </button>
          )}
          <button type="button" class="quiet small" aria-pressed={wrap.value} onClick={() => (wrap.value = !wrap.value)}>
            Wrap
          </button>
          <CopyButton text={() => text} label="Copy output" words="Copy" />
        </span>
      </div>
      {notes !== "" && <p class="said answer notes">{notes}</p>}
      {(text !== "" || (notes === "" && growing === null)) && (
      <pre class={wrap.value ? "output wrap" : "output"} tabIndex={0}>
        {text === "" ? "(nothing)" : text}
      </pre>
      )}
    </div>
  );
}
