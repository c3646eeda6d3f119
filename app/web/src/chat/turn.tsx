/** One turn: what was said and everything that was answered. */
import type { JSX } from "preact";
import type { Failure, HistoryEvent, ModelPart } from "../protocol/events";
import { Icon } from "../shell/icon";
import { say, stop } from "../state/chats";
import { type Conversation, type Entry, newestTable, saidIn, type Turn } from "../state/conversation";
import { setDraft, currentId } from "../state/store";
import { ResultTable } from "../table/result-table";
import { fullTime, shortTime, took } from "../text/time";
import { DiagnosisCard } from "./diagnosis";
import { Markdown } from "./markdown";
import { OutcomeCard } from "./outcome";
import { OutputBlock } from "./output";
import { PreviewCard } from "./preview-card";

export function TurnView(props: { readonly turn: Turn; readonly conversation: Conversation }): JSX.Element | null {
  const { turn, conversation } = props;
  const text = saidIn(turn);
  const deciding = conversation.deciding.has(turn.id);
  // Why a decision was not taken stands on its card.
  const entries = turn.entries.filter((entry) => !(deciding && entry.event.type === "error"));
  if (entries.length === 0 && text === null && turn.growing === null && turn.words === null) return null;
  const answers = entries.filter((entry) => entry.event.type !== "say");
  return (
    <div class="turn">
      {entries.map((entry) => (
        <EntryView key={entry.key} entry={entry} asked={text} conversation={conversation} />
      ))}
      {turn.growing !== null && turn.phase !== "done" && <OutputBlock output={turn.growing} growing={() => stop(turn.id)} />}
      {turn.words !== null && turn.phase !== "done" && <ModelWords text={turn.words.text} model={turn.words.model} />}
      {!deciding && <TurnFooter turn={turn} answered={answers.length > 0} text={text} />}
    </div>
  );
}

function TurnFooter(props: {
  readonly turn: Turn;
  readonly answered: boolean;
  readonly text: string | null;
}): JSX.Element | null {
  const { turn, answered, text } = props;
  if (turn.phase === "queued") return <p class="turn-state muted">Waiting for a connection; not sent yet.</p>;
  if (turn.phase !== "done") {
    return (
      <p class="turn-state muted">
        <span class="spinner" /> Working…
      </p>
    );
  }
  if (turn.stopped || !answered) {
    return (
      <p class="turn-state muted">
        <Icon name="slash" /> {turn.stopped ? "Stopped." : "No answer arrived."}
        {text !== null && (
          <button type="button" class="small" onClick={() => void say(text)}>
            Ask again
          </button>
        )}
      </p>
    );
  }
  if (turn.durationS === null) return null;
  return (
    <p class="turn-state muted" title={`Request ${turn.requestId}${turn.traceId === "" ? "" : `, trace ${turn.traceId}`}`}>
      {took(turn.durationS)}
    </p>
  );
}

function EntryView(props: {
  readonly entry: Entry;
  readonly asked: string | null;
  readonly conversation: Conversation;
}): JSX.Element | null {
  const { entry } = props;
  const { event } = entry;
  switch (event.type) {
    case "say":
      return (
        <div class="bubble" aria-label="You said">
          <p class="said">{event.text}</p>
          {entry.at !== null && (
            <time class="muted" dateTime={entry.at} title={fullTime(entry.at)}>
              {shortTime(entry.at, new Date())}
            </time>
          )}
        </div>
      );
    case "error":
      return <FailureView failure={event} asked={props.asked} />;
    case "preview":
      return <PreviewCard preview={event} decision={props.conversation.plans.get(event.plan)} />;
    default:
      return <Answer event={event} newest={event === newestTable(props.conversation)} />;
  }
}

function Answer(props: { readonly event: HistoryEvent; readonly newest: boolean }): JSX.Element | null {
  const { event, newest } = props;
  switch (event.type) {
    case "reading":
      return <ReadingView text={event.text} commands={event.commands} confidence={event.confidence} />;
    case "text":
      if (event.model !== null) return <ModelWords text={event.text} model={event.model} />;
      return event.markdown ? <Markdown text={event.text} /> : <p class="said answer">{event.text}</p>;
    case "model":
      return <ModelPartView part={event} />;
    case "table":
      return (
        <>
          {event.byModel && <p class="reading muted">Read for the language model:</p>}
          <ResultTable table={event} newest={newest} />
        </>
      );
    case "output":
      return (
        <>
          {event.byModel && <p class="reading muted">Read for the language model:</p>}
          <OutputBlock output={event} />
        </>
      );
    case "diagnosis":
      return <DiagnosisCard diagnosis={event} />;
    case "question":
      return (
        <div class="question">
          <p class="said answer">{event.text}</p>
          <p class="choices">
            {event.choices.map((choice) => (
              <button key={choice} type="button" class="choice" onClick={() => void say(choice)}>
                {choice}
              </button>
            ))}
          </p>
        </div>
      );
    case "outcome":
      return <OutcomeCard outcome={event} />;
    default:
      return null;
  }
}

/** A model's words are text and nothing else, and are never taken for KubeChat's. */
function ModelWords(props: { readonly text: string; readonly model: string }): JSX.Element {
  return (
    <div class="model-words" role="group" aria-label="A language model's words">
      <p class="muted">The language model {props.model} says (it changes nothing, and may be wrong):</p>
      <p class="said answer">{props.text}</p>
    </div>
  );
}

function ModelPartView({ part }: { readonly part: ModelPart }): JSX.Element {
  const limit = part.tokensPerDay === null ? "" : ` of ${part.tokensPerDay.toLocaleString("en")}`;
  return (
    <p class="reading muted">
      {part.model}: {part.reads === 1 ? "1 read" : `${part.reads} reads`}, {part.tokens.toLocaleString("en")} tokens;{" "}
      {part.tokensToday.toLocaleString("en")}
      {limit} today
    </p>
  );
}

function ReadingView(props: {
  readonly text: string;
  readonly commands: readonly string[];
  readonly confidence: number;
}): JSX.Element | null {
  if (props.commands.length === 0) return props.text === "" ? null : <p class="reading muted">Reading: {props.text}</p>;
  return (
    <div class="reading muted">
      <span>Read as</span>
      {props.commands.map((command) => (
        <code key={command}>{command}</code>
      ))}
      {props.confidence > 0 && <span>{Math.round(props.confidence * 100)} % sure</span>}
      {props.text !== "" && <p class="said">{props.text}</p>}
    </div>
  );
}

function FailureView(props: { readonly failure: Failure; readonly asked: string | null }): JSX.Element {
  const { failure, asked } = props;
  return (
    <div class="message bad failure" role="alert">
      <Icon name="alert" />
      <div>
        <p class="said">{failure.message}</p>
        <p class="muted">
          {failure.requestId !== "" && (
            <>
              Request <code>{failure.requestId}</code>
            </>
          )}
          {asked !== null && failure.retryable && (
            <button type="button" class="small" onClick={() => void say(asked)}>
              Try again
            </button>
          )}
          {asked !== null && !failure.retryable && (
            <button type="button" class="small" onClick={() => edit(asked)}>
              Edit and ask again
            </button>
          )}
        </p>
      </div>
    </div>
  );
}

function edit(text: string): void {
  setDraft(currentId.value, text);
  document.getElementById("composer")?.focus();
}
