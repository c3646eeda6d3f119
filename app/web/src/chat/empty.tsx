/** A conversation that has not begun: what fires now, and sentences to begin with. */
import type { JSX } from "preact";
import { alertKey, alertList } from "../state/alerts";
import { say } from "../state/chats";
import { AlertCard } from "./alert-card";

const EXAMPLES = [
  "show me the pods",
  "why is payments-api failing?",
  "scale web to 5",
  "show me the logs of checkout",
  "kubectl get deployments",
];
const MOST_ALERTS = 3;

export function EmptyConversation(): JSX.Element {
  const firing = alertList.value.filter((alert) => alert.state === "firing").slice(0, MOST_ALERTS);
  return (
    <div class="empty">
      {firing.map((alert) => (
        <AlertCard key={alertKey(alert)} alert={alert} />
      ))}
      <h2>What do you want to know?</h2>
      <p class="muted">Questions are answered at once. Changes are shown first, and happen only after you confirm them.</p>
      <p class="choices">
        {EXAMPLES.map((example) => (
          <button key={example} type="button" class="choice" onClick={() => void say(example)}>
            {example}
          </button>
        ))}
      </p>
    </div>
  );
}
