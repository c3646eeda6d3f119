/** Other people's plans that wait for this person's approval, beside the page. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { StepView } from "../chat/preview-card";
import type { Waiting } from "../protocol/events";
import { approvalsOpen, decide, toDecide } from "../state/approvals";
import { countdown } from "../text/time";
import { IconButton } from "./icon";
import { now, useTicking } from "./ticking";

export function ApprovalsPanel(): JSX.Element {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const focused = document.activeElement;
    panel.current?.focus();
    return () => {
      if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
    };
  }, []);
  return (
    <aside class="alert-panel approvals-panel" aria-label="Approvals" ref={panel} tabIndex={-1}>
      <div class="panel-head">
        <h2>Plans that wait for your approval</h2>
        <IconButton icon="close" label="Close approvals" onClick={() => (approvalsOpen.value = false)} />
      </div>
      {toDecide.value.length === 0 && <p class="muted">No plan waits for you.</p>}
      {toDecide.value.map((plan) => (
        <WaitingCard key={plan.plan} plan={plan} />
      ))}
    </aside>
  );
}

function WaitingCard({ plan }: { readonly plan: Waiting }): JSX.Element {
  const reason = useSignal("");
  const busy = useSignal(false);
  const expires = Date.parse(plan.expiresAt);
  useTicking(true);
  const over = !(now.value < expires);
  const send = async (decision: "approve" | "deny"): Promise<void> => {
    busy.value = true;
    await decide(plan, decision, reason.value.trim());
    busy.value = false;
  };
  return (
    <section class={`card preview ${plan.risk} ${over ? "closed" : "open"}`} aria-label={`Plan of ${plan.by}`}>
      <header>
        <h2>{plan.by} asks for a destructive change</h2>
        <span class="muted countdown">{over ? "expired" : `expires in ${countdown(expires - now.value)}`}</span>
      </header>
      <ol class={plan.steps.length === 1 ? "steps single" : "steps"}>
        {plan.steps.map((step, index) => (
          <StepView key={index} step={step} above={plan.steps[index - 1]} />
        ))}
      </ol>
      {plan.consequences.length > 0 && (
        <div class="consequences">
          <h3>What follows</h3>
          <ul>
            {plan.consequences.map((sentence, index) => (
              <li key={index}>{sentence}</li>
            ))}
          </ul>
        </div>
      )}
      <form class="decide" onSubmit={(event) => event.preventDefault()}>
        <label class="typed">
          <span>A word to {plan.by}, where you deny</span>
          <input value={reason.value} maxLength={500} onInput={(event) => (reason.value = event.currentTarget.value)} />
        </label>
        <div class="actions">
          <button type="button" class="primary" disabled={over || busy.value} onClick={() => void send("approve")}>
            Approve
          </button>
          <button type="button" disabled={over || busy.value} onClick={() => void send("deny")}>
            Deny
          </button>
        </div>
        <p class="muted">It is carried out when {plan.by} confirms it after your approval.</p>
      </form>
    </section>
  );
}
