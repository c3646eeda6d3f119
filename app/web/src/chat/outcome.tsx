/** What became of a plan, in words that do not need their colour. */
import type { JSX } from "preact";
import type { Outcome, OutcomeState } from "../protocol/events";
import { Icon, type IconName } from "../shell/icon";
import { undo } from "../state/chats";
import { go } from "../state/route";
import { connection } from "../state/store";

interface Words {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: "ok" | "bad" | "busy" | "none";
}

const WORDS: Readonly<Record<OutcomeState, Words>> = {
  applied: { word: "Applied", icon: "check", tone: "ok" },
  failed: { word: "Failed", icon: "cross", tone: "bad" },
  not_sent: { word: "Not sent", icon: "slash", tone: "busy" },
  unknown: { word: "Unknown", icon: "question", tone: "busy" },
  refused: { word: "Refused", icon: "slash", tone: "bad" },
  cancelled: { word: "Cancelled", icon: "slash", tone: "none" },
  expired: { word: "Expired", icon: "slash", tone: "none" },
};

export function outcomeWords(state: OutcomeState): Words {
  return WORDS[state];
}

export function OutcomeCard({ outcome }: { readonly outcome: Outcome }): JSX.Element {
  const { word, icon, tone } = outcomeWords(outcome.state);
  return (
    <section class={`outcome ${tone}`} aria-label={`Outcome: ${word}`}>
      <p>
        <Icon name={icon} /> <strong>{word}</strong>
      </p>
      {outcome.text !== "" && <p class="said">{outcome.text}</p>}
      {outcome.undo && (
        <p>
          <button type="button" disabled={connection.value.state !== "open"} onClick={() => undo(outcome.plan)}>
            Undo…
          </button>
        </p>
      )}
      {outcome.events.length > 0 && (
        <p class="muted">
          <a
            href="/audit"
            onClick={(event) => {
              event.preventDefault();
              go({ page: "audit" });
            }}
          >
            Audit log
          </a>{" "}
          has {outcome.events.length === 1 ? "this event" : "these events"}: <code>{outcome.events.join(", ")}</code>
        </p>
      )}
    </section>
  );
}
