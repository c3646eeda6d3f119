/**
 * What a change would do, and the only place where it can be confirmed.
 *
 * Buttons act by a press on them alone. One without a connection, after its time or after a decision does nothing.
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { Preview, Step } from "../protocol/events";
import { Icon } from "../shell/icon";
import { now, useTicking } from "../shell/ticking";
import { cancel, confirm } from "../state/chats";
import { type Decision, UNDECIDED } from "../state/conversation";
import { connection, person } from "../state/store";
import { diffLines } from "../text/diff";
import { countdown, shortTime } from "../text/time";
import { CommandLine } from "./command";
import { outcomeWords } from "./outcome";
import { Place } from "./place";

const DIFF_OPEN_UP_TO = 30; // lines that may stand open without pushing the buttons out of sight

export function PreviewCard(props: {
  readonly preview: Preview;
  readonly decision: Decision | undefined;
}): JSX.Element {
  const { preview } = props;
  const decision = props.decision ?? UNDECIDED;
  const destructive = preview.risk === "destructive";
  const expires = Date.parse(decision.approval?.state === "approved" ? decision.approval.expiresAt : preview.expiresAt);
  const open = decision.outcome === null;
  useTicking(open);
  const expired = open && !(now.value < expires);
  const heading = useId();
  return (
    <section class={`card preview ${preview.risk} ${open && !expired ? "open" : "closed"}`} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>
          <Icon name={destructive ? "alert" : "pen"} />
          {destructive ? "Preview of a destructive change" : "Preview of a change"}
        </h2>
        {open && !expired && decision.pending === null && (
          <span class="muted countdown" role="timer">
            expires in {countdown(expires - now.value)}
          </span>
        )}
      </header>
      <p class="risk">
        {destructive
          ? "This removes or interrupts something and cannot be taken back."
          : "This changes what runs on the cluster."}
        {open && decision.pending === null && !decision.uncertain && " Nothing has happened yet."}
      </p>
      <ol class={preview.steps.length === 1 ? "steps single" : "steps"}>
        {preview.steps.map((step, index) => (
          <StepView key={index} step={step} above={preview.steps[index - 1]} />
        ))}
      </ol>
      {preview.consequences.length > 0 && (
        <div class="consequences">
          <h3>What follows</h3>
          <ul>
            {preview.consequences.map((sentence, index) => (
              <li key={index}>{sentence}</li>
            ))}
          </ul>
        </div>
      )}
      <Decide preview={preview} decision={decision} expired={expired} />
    </section>
  );
}

/** One step; a line that the step above stands for as well, as a drain's does for each pod, is not repeated. */
export function StepView({ step, above }: { readonly step: Step; readonly above?: Step | undefined }): JSX.Element {
  const lines = diffLines(step.diff);
  return (
    <li class="step">
      <div class="step-head">
        <strong>{step.summary === "" ? step.object : step.summary}</strong>
        <Place cluster={step.cluster} namespace={step.namespace} />
      </div>
      {(above?.command !== step.command || above.cluster !== step.cluster) && <CommandLine line={step.command} />}
      {(step.before !== "" || step.after !== "") && (
        <p class="before-after">
          <span class="muted">{step.object}</span>
          <span class={step.before === "" ? "before nothing" : "before"}>{step.before === "" ? "(none)" : step.before}</span>
          <span aria-label="becomes" role="img">
            →
          </span>
          <span class={step.after === "" ? "after nothing" : "after"}>{step.after === "" ? "(none)" : step.after}</span>
        </p>
      )}
      {lines.length > 0 && (
        <details open={lines.length <= DIFF_OPEN_UP_TO}>
          <summary>
            Difference, {lines.filter((line) => line.kind === "added").length} added,{" "}
            {lines.filter((line) => line.kind === "removed").length} removed
          </summary>
          <pre class="diff" tabIndex={0}>
            {lines.map((line, index) => (
              <span key={index} class={`line-${line.kind}`}>
                {MARKS[line.kind]}
                {line.text}
                {"\n"}
              </span>
            ))}
          </pre>
        </details>
      )}
      <p class={step.dryRun === "ok" ? "muted dry-run" : "dry-run bad"}>
        {step.dryRun === "ok"
          ? "The cluster has tried this without doing it, and would accept it."
          : `The cluster's dry run says: ${step.dryRun === "" ? "nothing" : step.dryRun}`}
      </p>
    </li>
  );
}

const MARKS = { added: "+", removed: "-", context: " ", place: "" } as const;

function Decide(props: {
  readonly preview: Preview;
  readonly decision: Decision;
  readonly expired: boolean;
}): JSX.Element {
  const { preview, decision } = props;
  const typed = useSignal("");
  const name = preview.typedName;
  const right = name === null || typed.value.trim() === name;
  const connected = connection.value.state === "open";
  if (decision.outcome !== null) return <Decided decision={decision} />;
  if (decision.uncertain) {
    return (
      <p class="decided" role="status">
        <Icon name="question" /> It is not known yet whether this was done. Looking up what became of it…
      </p>
    );
  }
  if (decision.pending !== null && decision.job) {
    return (
      <div class="decide">
        <p class="decided" role="status">
          <span class="spinner" />
          {decision.pending === "cancelling" ? "Stopping…" : `Working: ${decision.progress}`}
        </p>
        <div class="actions">
          <button type="button" disabled={!connected || decision.pending === "cancelling"} onClick={() => cancel(preview)}>
            Stop here
          </button>
          <span class="muted">It goes on when you close this window. What is done stays done.</span>
        </div>
      </div>
    );
  }
  if (decision.pending !== null) {
    return (
      <p class="decided" role="status">
        <span class="spinner" />
        {decision.pending === "cancelling" ? "Cancelling…" : decision.progress === "" ? "Confirmed; working…" : `Working: ${decision.progress}`}
      </p>
    );
  }
  if (props.expired) {
    return (
      <p class="decided" role="status">
        <Icon name="slash" /> Expired. Nothing was changed; ask again to get a fresh preview.
      </p>
    );
  }
  if (preview.approval !== null && decision.approval === null) {
    return (
      <div class="decide">
        <p class="decided" role="status">
          <Icon name="question" /> <strong>Waits for approval</strong>
          <span class="muted">by a second person: {whoApproves(preview.approval)}</span>
        </p>
        <div class="actions">
          <button type="button" disabled={!connected} onClick={() => cancel(preview)}>
            Cancel
          </button>
        </div>
      </div>
    );
  }
  return (
    <form
      class="decide"
      onSubmit={(event) => {
        event.preventDefault();
        if (right && connected) confirm(preview, name === null ? null : typed.value.trim());
      }}
    >
      {decision.approval !== null && (
        <p class="decided ok" role="status">
          <Icon name="check" /> <strong>Approved by {decision.approval.by}</strong>
          <span class="muted">Confirm it now to carry it out.</span>
        </p>
      )}
      {decision.failure !== null && (
        <p class="message bad" role="alert">
          {decision.failure.message}
          {decision.failure.requestId !== "" && <small class="muted">Request {decision.failure.requestId}</small>}
        </p>
      )}
      {name !== null && (
        <label class="typed">
          <span>
            Type <code>{name}</code> to confirm
          </span>
          <input
            value={typed.value}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </label>
      )}
      <div class="actions">
        <button type="submit" class={preview.risk === "destructive" ? "danger" : "primary"} disabled={!right || !connected}>
          Confirm
        </button>
        <button type="button" disabled={!connected} onClick={() => cancel(preview)}>
          Cancel
        </button>
        {!connected && <span class="muted">No connection: decide when it is back.</span>}
      </div>
    </form>
  );
}

/** "an operator, or the group approvers": each list wants one of its own. */
function whoApproves(rules: readonly (readonly string[])[]): string {
  return rules
    .map((rule) => rule.map((who) => (who.startsWith("role:") ? `the role ${who.slice("role:".length)}` : `the group ${who}`)).join(" or "))
    .join(", and ");
}

function Decided({ decision }: { readonly decision: Decision }): JSX.Element | null {
  const outcome = decision.outcome;
  if (outcome === null) return null;
  const { word, icon, tone } = outcomeWords(outcome.state);
  const who = outcome.state === "expired" ? "" : ` by ${person.value?.displayName ?? "you"}`;
  const verb = outcome.state === "cancelled" ? "Cancelled" : outcome.state === "expired" ? "Expired" : "Confirmed";
  const at = decision.decidedAt === null ? "" : ` at ${shortTime(decision.decidedAt, new Date())}`;
  return (
    <p class={`decided ${tone}`}>
      <Icon name={icon} />
      <strong>{word}</strong>
      <span class="muted">
        {verb}
        {who}
        {at}
      </span>
    </p>
  );
}
