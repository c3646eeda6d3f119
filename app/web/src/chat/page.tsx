/** The page of one conversation. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Header } from "../shell/header";
import { Icon } from "../shell/icon";
import { titleOf } from "../shell/sidebar";
import { ConnectionBanner } from "../shell/status";
import { alertKey, alerts, arrivals } from "../state/alerts";
import { loadOlder } from "../state/live";
import { currentConversation, currentId, currentSession } from "../state/store";
import { AlertCard } from "./alert-card";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { EmptyConversation } from "./empty";
import { TurnView } from "./turn";

const NEAR_END_PX = 120;

export function ChatPage(): JSX.Element {
  const session = currentSession.value;
  return (
    <main class="page">
      <Header title={session === null ? "New chat" : titleOf(session)} />
      <ConnectionBanner />
      <Stream key={currentId.value ?? ""} />
      <Announcer />
      <Composer />
    </main>
  );
}

function Stream(): JSX.Element {
  const conversation = currentConversation.value;
  const id = currentId.value;
  const box = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  const behind = useSignal(false);
  const last = conversation.turns.at(-1);
  const toEnd = (): void => {
    const element = box.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
    behind.value = false;
  };
  // Stay at the end unless the person has scrolled away; their own message always brings them back.
  useLayoutEffect(() => {
    if (last === undefined) return; // measuring an empty page would only delay it
    const own = last?.phase === "queued" || (last?.phase === "sent" && last.entries.length === 1);
    if (stuck.current || own) toEnd();
    else behind.value = true;
  }, [last, conversation.plans, arrivals.value.length]);
  // Parts that are loaded later, or opened, make what is above the end taller.
  useEffect(() => {
    const content = box.current?.firstElementChild;
    if (content === null || content === undefined) return undefined;
    const observer = new ResizeObserver(() => {
      if (stuck.current) toEnd();
    });
    observer.observe(content);
    return () => observer.disconnect();
  }, []);

  const turnIds = new Set(conversation.turns.map((turn) => turn.id));
  const empty = conversation.turns.length === 0 && (id === null || conversation.loaded);
  return (
    <div class="stream-frame">
      <div
        class="stream"
        ref={box}
        role="log"
        aria-label="Conversation"
        aria-live="off"
        aria-busy={id !== null && !conversation.loaded}
        tabIndex={-1}
        onScroll={(event) => {
          const at = event.currentTarget;
          stuck.current = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_END_PX;
          if (stuck.current) behind.value = false;
        }}
      >
        <div class="column">
          {conversation.older !== null && id !== null && (
            <button type="button" class="older" onClick={() => void loadOlder(id)}>
              Show earlier messages
            </button>
          )}
          {id !== null && !conversation.loaded && <p class="muted">Reading the conversation…</p>}
          {empty && <EmptyConversation />}
          {conversation.turns.map((turn) => (
            <div key={turn.id} class="turn-and-alerts">
              <TurnView turn={turn} conversation={conversation} />
              <Arrived after={(afterTurn) => afterTurn === turn.id} />
            </div>
          ))}
          {!empty && <Arrived after={(afterTurn) => afterTurn === null || !turnIds.has(afterTurn)} />}
        </div>
      </div>
      {behind.value && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" /> New messages
        </button>
      )}
    </div>
  );
}

/** Alerts that came while this page was open, at the place where they came. */
function Arrived({ after }: { readonly after: (turn: string | null) => boolean }): JSX.Element {
  return (
    <>
      {arrivals.value
        .filter((arrival) => after(arrival.afterTurn))
        .map((arrival) => alerts.value.get(arrival.key))
        .filter((alert) => alert !== undefined)
        .map((alert) => (
          <AlertCard key={alertKey(alert)} alert={alert} />
        ))}
    </>
  );
}
