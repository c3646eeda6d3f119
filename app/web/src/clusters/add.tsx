/**
 * Adding clusters: a kubeconfig is pasted or opened, its contexts are shown, and those that are picked are added one by
 * one. The text is in this dialog alone, and gone with it.
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { addCluster, fetchContexts, RequestError } from "../net/rest";
import type { KubeContext } from "../protocol/events";
import { Dialog } from "../shell/dialog";
import { Icon } from "../shell/icon";
import { endSession } from "../state/store";
import { proposedName } from "./name";

interface Pick {
  readonly context: KubeContext;
  readonly chosen: boolean;
  readonly name: string;
  readonly state: "open" | "adding" | "added" | { readonly problem: string };
}

export function AddDialog(props: { readonly onAdded: () => void; readonly onClose: () => void }): JSX.Element {
  const kubeconfig = useSignal("");
  const picks = useSignal<readonly Pick[] | null>(null);
  const problem = useSignal("");
  const busy = useSignal(false);

  const read = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      const { contexts, current } = await fetchContexts(kubeconfig.value);
      picks.value = contexts.map((context) => ({
        context,
        chosen: context.fault === "" && (contexts.length === 1 || context.name === current),
        name: proposedName(context.name),
        state: "open",
      }));
    } catch (error) {
      problem.value = said(error);
    } finally {
      busy.value = false;
    }
  };
  const change = (at: number, part: Partial<Pick>): void => {
    picks.value = picks.value?.map((each, index) => (index === at ? { ...each, ...part } : each)) ?? null;
  };
  const add = async (): Promise<void> => {
    if (busy.value || picks.value === null) return;
    busy.value = true;
    let failed = false;
    let added = false;
    for (const [at, pick] of picks.value.entries()) {
      if (!pick.chosen || pick.state === "added") continue;
      change(at, { state: "adding" });
      try {
        await addCluster(pick.name, pick.context.name, kubeconfig.value);
        change(at, { state: "added" });
        added = true;
      } catch (error) {
        change(at, { state: { problem: said(error) } });
        failed = true;
      }
    }
    busy.value = false;
    if (added) props.onAdded();
    if (!failed) props.onClose();
  };

  const open = picks.value?.filter((each) => each.chosen && each.state !== "added") ?? [];
  return (
    <Dialog label="Add clusters" onClose={props.onClose}>
      <form
        class="add-clusters"
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void (picks.value === null ? read() : add());
        }}
      >
        <h2>Add clusters</h2>
        {picks.value === null ? (
          <>
            <p class="muted">
              A kubeconfig with a token or certificates inside it; it may name no files and start no programs. Each cluster is
              tried first, and what is kept is sealed and never shown again.
            </p>
            <label>
              Kubeconfig
              <textarea
                rows={10}
                spellcheck={false}
                autocomplete="off"
                required
                value={kubeconfig.value}
                onInput={(event) => (kubeconfig.value = event.currentTarget.value)}
              />
            </label>
            <label>
              or open a file
              <input
                type="file"
                onChange={(event) => {
                  const file = event.currentTarget.files?.[0];
                  if (file !== undefined) void file.text().then((text) => (kubeconfig.value = text));
                }}
              />
            </label>
          </>
        ) : (
          <fieldset>
            <legend>Which contexts?</legend>
            {picks.value.map((each, at) => (
              <PickRow key={each.context.name} pick={each} onChange={(part) => change(at, part)} />
            ))}
          </fieldset>
        )}
        {problem.value !== "" && (
          <p class="message bad" role="alert">
            {problem.value}
          </p>
        )}
        <div class="actions">
          {picks.value === null ? (
            <button type="submit" class="primary" aria-disabled={busy.value}>
              Show its contexts
            </button>
          ) : (
            <button type="submit" class="primary" disabled={open.length === 0 || busy.value}>
              {busy.value ? "Adding…" : open.length === 1 ? "Add 1 cluster" : `Add ${open.length} clusters`}
            </button>
          )}
          {picks.value !== null && (
            <button type="button" disabled={busy.value} onClick={() => (picks.value = null)}>
              Back
            </button>
          )}
          <button type="button" onClick={props.onClose}>
            Close
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function PickRow(props: { readonly pick: Pick; readonly onChange: (part: Partial<Pick>) => void }): JSX.Element {
  const { pick, onChange } = props;
  const { context, state } = pick;
  const usable = context.fault === "" && state !== "added";
  return (
    <div class="pick">
      <label class="pick-context">
        <input
          type="checkbox"
          checked={pick.chosen}
          disabled={!usable}
          onChange={(event) => onChange({ chosen: event.currentTarget.checked })}
        />
        <span>
          <strong>{context.name}</strong>
          <small class="muted">{context.fault === "" ? context.server : ""}</small>
          {context.fault !== "" && <small class="bad">Cannot be added: {context.fault}.</small>}
        </span>
      </label>
      {pick.chosen && state !== "added" && (
        <label class="pick-name">
          Name
          <input
            value={pick.name}
            required
            maxLength={63}
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
            title="Letters, digits, dots, dashes and underscores"
            spellcheck={false}
            onInput={(event) => onChange({ name: event.currentTarget.value })}
          />
        </label>
      )}
      {state === "added" && (
        <p class="ok">
          <Icon name="check" /> Added.
        </p>
      )}
      {state === "adding" && <p class="muted">Trying it…</p>}
      {typeof state === "object" && (
        <p class="bad" role="alert">
          {state.problem}
        </p>
      )}
    </div>
  );
}

function said(error: unknown): string {
  if (!(error instanceof RequestError)) throw error;
  if (error.status === 401) endSession();
  const id = error.failure.requestId === "" ? "" : ` (request ${error.failure.requestId})`;
  return `${error.failure.message}${id}`;
}
