/** Copying text to the clipboard. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "./icon";

const SHOWN_MS = 1_600;

/** A button that copies; `text` is made when it is pressed. */
export function CopyButton(props: {
  readonly text: () => string;
  readonly label: string;
  readonly words?: string;
}): JSX.Element {
  const state = useSignal<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state.value === "idle") return undefined;
    const timer = setTimeout(() => {
      state.value = "idle";
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state.value]);
  const press = async (): Promise<void> => {
    state.value = (await copyText(props.text())) ? "done" : "failed";
  };
  const said = state.value === "done" ? "Copied" : state.value === "failed" ? "Not copied" : props.words;
  return (
    <button type="button" class="quiet small" aria-label={props.label} title={props.label} onClick={() => void press()}>
      <Icon name={state.value === "done" ? "check" : "copy"} />
      {said !== undefined && <span aria-live="polite">{said}</span>}
    </button>
  );
}

/** Put text on the clipboard; false when the browser refuses. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no such API over plain HTTP
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return copied;
}
