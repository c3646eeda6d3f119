/** Where a person writes: always with the cluster and namespace that it will be about. */
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../shell/icon";
import { move, say, stop } from "../state/chats";
import { everythingSaid } from "../state/conversation";
import { composerReady } from "../state/load";
import {
  clusterNames,
  clusters,
  currentContext,
  currentConversation,
  currentId,
  drafts,
  runningTurn,
  setDraft,
} from "../state/store";
import { isProduction } from "../text/production";
import { ProductionTag } from "./place";

const MOST_ROWS = 10;

export function Composer(): JSX.Element {
  const field = useRef<HTMLTextAreaElement>(null);
  const recalled = useRef<{ readonly index: number; readonly draft: string } | null>(null);
  const id = currentId.value;
  const draft = drafts.value.get(id ?? "") ?? "";
  const context = currentContext.value;
  const running = runningTurn.value;

  useLayoutEffect(composerReady, []);
  useEffect(() => {
    recalled.current = null;
    // On a touch screen the keyboard would cover the conversation.
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [id]);

  const send = (): void => {
    const text = draft.trim();
    if (text === "") return;
    recalled.current = null;
    setDraft(id, "");
    void say(text);
  };

  const recall = (step: 1 | -1): boolean => {
    const texts = everythingSaid(currentConversation.value);
    const from = recalled.current ?? { index: texts.length, draft };
    const index = from.index + step;
    if (index < 0 || index > texts.length || (recalled.current === null && step === 1)) return false;
    recalled.current = index === texts.length ? null : { index, draft: from.draft };
    setDraft(id, texts[index] ?? from.draft);
    return true;
  };

  const onKey = (event: KeyboardEvent): void => {
    const at = field.current;
    if (at === null || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "ArrowUp" && (at.value === "" || recalled.current !== null) && recall(-1)) {
      event.preventDefault();
    } else if (event.key === "ArrowDown" && recalled.current !== null && recall(1)) {
      event.preventDefault();
    }
  };

  return (
    <form
      class={isProduction(context.cluster) ? "composer production" : "composer"}
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <ContextBar />
      <div class="write">
        <textarea
          ref={field}
          id="composer"
          aria-label="Message"
          placeholder="Ask in plain words or kubectl"
          rows={Math.min(MOST_ROWS, draft.split("\n").length)}
          value={draft}
          spellcheck={false}
          enterkeyhint="send"
          onInput={(event) => {
            recalled.current = null;
            setDraft(id, event.currentTarget.value);
          }}
          onKeyDown={onKey}
        />
        {running !== null && draft.trim() === "" ? (
          <button type="button" class="send" onClick={() => stop(running.id)}>
            <Icon name="stop" /> <span>Stop</span>
          </button>
        ) : (
          <button type="submit" class="send primary" disabled={draft.trim() === ""}>
            <Icon name="send" /> <span>Send</span>
          </button>
        )}
      </div>
    </form>
  );
}

function ContextBar(): JSX.Element {
  const context = currentContext.value;
  const known = clusters.value.find((cluster) => cluster.name === context.cluster);
  const names = withCurrent(clusterNames.value, context.cluster);
  const namespaces = withCurrent(known?.namespaces ?? [], context.namespace);
  const toCluster = (name: string): void => {
    const there = clusters.value.find((cluster) => cluster.name === name)?.namespaces ?? [];
    // The same namespace where it exists, so that a question can be put to the next cluster unchanged.
    const namespace = there.length === 0 || there.includes(context.namespace) ? context.namespace : (there[0] ?? "default");
    void move({ cluster: name, namespace });
  };
  return (
    <div class="context-bar">
      <label>
        <span class="muted">Cluster</span>
        <select value={context.cluster} onChange={(event) => toCluster(event.currentTarget.value)}>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="muted">Namespace</span>
        <select
          value={context.namespace}
          onChange={(event) => void move({ cluster: context.cluster, namespace: event.currentTarget.value })}
        >
          {namespaces.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {isProduction(context.cluster) && <ProductionTag />}
      {known !== undefined && known.state !== "" && known.state !== "ready" && (
        <span class="tag plain">{known.state}</span>
      )}
      <span class="keys muted">
        <kbd>Enter</kbd> sends, <kbd>Shift</kbd>+<kbd>Enter</kbd> starts a line
      </span>
    </div>
  );
}

function withCurrent(names: readonly string[], current: string): readonly string[] {
  return current === "" || names.includes(current) ? names : [current, ...names];
}
