/** Says in one sentence what has arrived, for those who do not see it: a whole table read aloud would help nobody. */
import type { JSX } from "preact";
import { alerts, arrivals } from "../state/alerts";
import type { HistoryEvent } from "../protocol/events";
import { currentConversation } from "../state/store";
import { outcomeWords } from "./outcome";

export function Announcer(): JSX.Element {
  // What a language model cost stands behind its words, and is no news.
  const last = currentConversation.value.turns.at(-1)?.entries.findLast((entry) => entry.event.type !== "model")?.event;
  const arrived = arrivals.value.at(-1);
  const alert = arrived === undefined ? undefined : alerts.value.get(arrived.key);
  return (
    <>
      <p class="visually-hidden" role="status">
        {last === undefined ? "" : sentence(last)}
      </p>
      <p class="visually-hidden" role="status">
        {alert === undefined ? "" : `Alert ${alert.name} is ${alert.state}: ${alert.summary}`}
      </p>
    </>
  );
}

function sentence(event: HistoryEvent): string {
  switch (event.type) {
    case "table":
      return `A table with ${event.rows.length} rows: ${event.command}`;
    case "output":
      return `Output of ${event.command}`;
    case "preview":
      return `A preview of a ${event.risk === "change" ? "change" : "destructive change"} waits for your decision.`;
    case "outcome":
      return `${outcomeWords(event.state).word}. ${event.text}`;
    case "diagnosis":
      return event.summary;
    case "text":
    case "question":
      return event.text;
    default:
      return ""; // what one said oneself; errors are alerts of their own
  }
}
