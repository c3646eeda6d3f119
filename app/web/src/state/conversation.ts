/**
 * What a conversation is made of, and how events and history change it. Pure: no network, no clock, no signals.
 *
 * The same event can arrive twice, live and then from history (after a reconnect, or from a second window), and the
 * order of arrival is not the order of the conversation. Both merge here into the same turns.
 */
import type { Approval, Chunk, Delta, Failure, HistoryEvent, Message, Outcome, OutputAnswer, Progress, TurnEvent } from "../protocol/events";

export interface Entry {
  readonly key: string;
  /** Its place in the stored history; null for what came live and has not been read back. */
  readonly seq: number | null;
  readonly at: string | null;
  readonly role: "person" | "kubechat";
  readonly event: HistoryEvent;
}

/** `queued`: not sent yet. `sent`: under way. `running`: being answered. `done`: answered. */
export type TurnPhase = "queued" | "sent" | "running" | "done";

export interface Turn {
  readonly id: string;
  readonly entries: readonly Entry[];
  readonly phase: TurnPhase;
  readonly stopped: boolean;
  readonly requestId: string;
  readonly traceId: string;
  readonly durationS: number | null;
  /** An output that grows, as far as it has come. */
  readonly growing: OutputAnswer | null;
  /** What a language model has said so far. */
  readonly words: Delta | null;
}

/** Characters of a growing output that a window keeps: its end. */
const KEPT = 262_144;

/** What has been decided about a plan, as far as this window knows. */
export interface Decision {
  readonly pending: "confirming" | "cancelling" | null;
  /** The connection broke while a decision was under way: it may have arrived. */
  readonly uncertain: boolean;
  readonly progress: string;
  readonly outcome: Outcome | null;
  readonly decidedAt: string | null;
  /** What a second person decided, where the plan waits for one. */
  readonly approval: Approval | null;
  /** It goes on without its turn and can be stopped. */
  readonly job: boolean;
  /** Why the last decision was not taken. */
  readonly failure: Failure | null;
}

export interface Conversation {
  readonly turns: readonly Turn[];
  readonly plans: ReadonlyMap<string, Decision>;
  /** The plan that a turn decides on, where the turn is a confirmation or a cancellation. */
  readonly deciding: ReadonlyMap<string, string>;
  /** The last message read from history. */
  readonly lastSeq: number;
  /** Where older history ends; null when all of it is here. */
  readonly older: number | null;
  readonly loaded: boolean;
}

export const EMPTY: Conversation = {
  turns: [],
  plans: new Map(),
  deciding: new Map(),
  lastSeq: 0,
  older: null,
  loaded: false,
};

export const UNDECIDED: Decision = {
  pending: null,
  uncertain: false,
  progress: "",
  outcome: null,
  decidedAt: null,
  approval: null,
  job: false,
  failure: null,
};

/** A person's message is put into the conversation before it is sent. */
export function said(conversation: Conversation, id: string, text: string, at: string): Conversation {
  const entry: Entry = { key: `${id}:said`, seq: null, at, role: "person", event: { type: "say", text } };
  return changeTurn(conversation, id, (turn) => ({ ...turn, phase: "queued", entries: [...turn.entries, entry] }));
}

/** A turn's frame has been handed to the socket. */
export function sent(conversation: Conversation, id: string): Conversation {
  return changeTurn(conversation, id, (turn) => (turn.phase === "queued" ? { ...turn, phase: "sent" } : turn));
}

/** A confirmation or cancellation is on its way. */
export function deciding(
  conversation: Conversation,
  turn: string,
  plan: string,
  pending: "confirming" | "cancelling",
): Conversation {
  const next = changePlan(conversation, plan, (decision) => ({ ...decision, pending, uncertain: false, failure: null }));
  return { ...next, deciding: new Map(next.deciding).set(turn, plan) };
}

/** A decision could not be sent, or too long nothing was heard of it: the buttons come back. */
export function undecided(conversation: Conversation, plan: string): Conversation {
  return changePlan(conversation, plan, (decision) => ({ ...decision, pending: null, uncertain: false }));
}

/** The connection broke: what was being answered or decided will perhaps not be told live any more. */
export function interrupted(conversation: Conversation): Conversation {
  const plans = new Map<string, Decision>();
  for (const [plan, decision] of conversation.plans) {
    // A job goes on whoever listens; its end is read after the next connection is made.
    if (decision.job) plans.set(plan, decision);
    else plans.set(plan, { ...decision, pending: null, uncertain: decision.uncertain || decision.pending !== null });
  }
  return {
    ...conversation,
    plans,
    turns: conversation.turns.map((turn) => (turn.phase === "running" ? { ...turn, phase: "sent" } : turn)),
  };
}

/** A turn is over without an answer of its own. */
export function abandoned(conversation: Conversation, id: string): Conversation {
  return changeTurn(conversation, id, (turn) => ({ ...turn, phase: "done" }));
}

/** An event that came over the socket. */
export function received(conversation: Conversation, of: TurnEvent, at: string): Conversation {
  const { event, turn: id } = of;
  switch (event.type) {
    case "turn": {
      const next = changeTurn(conversation, id, (turn) => ({
        ...turn,
        phase: event.state === "done" ? "done" : "running",
        stopped: event.stopped,
        requestId: event.requestId || turn.requestId,
        traceId: event.traceId || turn.traceId,
        durationS: event.durationS,
        growing: event.state === "done" ? null : turn.growing,
        words: event.state === "done" ? null : turn.words,
      }));
      return event.state === "done" ? settled(next, id) : next;
    }
    case "progress":
      return progressed(conversation, event);
    case "chunk":
      return changeTurn(conversation, id, (turn) => ({ ...turn, growing: grown(turn.growing, event) }));
    case "delta":
      return changeTurn(conversation, id, (turn) => ({
        ...turn,
        words: { ...event, text: (turn.words?.text ?? "") + event.text },
      }));
    default:
      return arrived(conversation, id, event, at);
  }
}

function grown(output: OutputAnswer | null, chunk: Chunk): OutputAnswer {
  const text = (output?.text ?? "") + chunk.text;
  const cut = text.length > KEPT;
  return {
    type: "output",
    command: chunk.command,
    cluster: chunk.cluster,
    text: cut ? text.slice(text.indexOf("\n", text.length - KEPT) + 1) : text,
    language: "log",
    truncated: cut || (output?.truncated ?? false),
    notes: (output?.notes ?? "") + chunk.notes,
    byModel: false,
  };
}

function arrived(conversation: Conversation, id: string, event: HistoryEvent, at: string): Conversation {
  const next = changeTurn(conversation, id, (turn) => {
    // A message that was sent twice is answered by showing its stored answer again.
    if (turn.entries.some((entry) => same(entry.event, event))) return turn;
    const role = event.type === "say" ? "person" : "kubechat";
    const entry: Entry = { key: `${id}:${turn.entries.length}`, seq: null, at, role, event };
    const entries = [...turn.entries.filter((earlier) => !replaces(event, earlier.event)), entry];
    return { ...turn, entries, growing: event.type === "output" ? null : turn.growing, words: null };
  });
  if (event.type === "outcome") return closed(next, event, at);
  if (event.type === "approval") return approved(next, event);
  const plan = next.deciding.get(id);
  if (event.type === "error" && plan !== undefined) {
    return changePlan(next, plan, (decision) => ({
      ...decision,
      pending: null,
      uncertain: false,
      failure: event,
    }));
  }
  return next;
}

/** A page of history: newest first read, then what is after it, or what is before it. */
export function merged(
  conversation: Conversation,
  messages: readonly Message[],
  page: { readonly older: number | null } | "after",
): Conversation {
  let next = conversation;
  const before = messages.length > 0 && page !== "after" && conversation.loaded;
  const fresh: Turn[] = [];
  for (const message of messages) {
    const known = next.turns.some((turn) => turn.id === message.turn) || !before;
    if (known) {
      next = changeTurn(next, message.turn, (turn) => withStored(turn, message));
    } else {
      const index = fresh.findIndex((turn) => turn.id === message.turn);
      const turn = withStored(fresh[index] ?? newTurn(message.turn), message);
      if (index < 0) fresh.push(turn);
      else fresh[index] = turn;
    }
    if (message.event.type === "progress") next = progressed(next, message.event);
    if (message.event.type === "approval") next = approved(next, message.event);
    if (message.event.type === "outcome") next = closed(next, message.event, message.at);
  }
  const lastSeq = messages.reduce((last, message) => Math.max(last, message.seq), next.lastSeq);
  const older = page === "after" ? next.older : page.older;
  return { ...next, turns: [...fresh, ...next.turns], lastSeq, older, loaded: true };
}

/** Turns that have been sent, or should have been, and have no answer. */
export function unanswered(conversation: Conversation): readonly Turn[] {
  return conversation.turns.filter((turn) => turn.phase !== "done" && !conversation.deciding.has(turn.id));
}

/** Plans of which it is not known whether their decision arrived. */
export function uncertainPlans(conversation: Conversation): readonly string[] {
  return [...conversation.plans].filter(([, decision]) => decision.uncertain).map(([plan]) => plan);
}

/** The table that was shown last; null where there is none. */
export function newestTable(conversation: Conversation): HistoryEvent | null {
  for (const turn of conversation.turns.toReversed()) {
    const found = turn.entries.findLast((entry) => entry.event.type === "table");
    if (found !== undefined) return found.event;
  }
  return null;
}

/** What a person said in a turn; null for a turn that only decides on a plan. */
export function saidIn(turn: Turn): string | null {
  for (const entry of turn.entries) if (entry.event.type === "say") return entry.event.text;
  return null;
}

/** Everything a person said, oldest first, without repetitions next to each other. */
export function everythingSaid(conversation: Conversation): readonly string[] {
  const texts: string[] = [];
  for (const turn of conversation.turns) {
    const text = saidIn(turn);
    if (text !== null && texts.at(-1) !== text) texts.push(text);
  }
  return texts;
}

function withStored(turn: Turn, message: Message): Turn {
  if (turn.entries.some((entry) => entry.seq === message.seq)) return turn;
  const stored = { seq: message.seq, at: message.at, role: message.role, event: message.event };
  const index = turn.entries.findIndex((entry) => entry.seq === null && same(entry.event, message.event));
  const live = turn.entries[index];
  const entries = [...turn.entries];
  if (live === undefined) entries.push({ key: `${turn.id}:#${message.seq}`, ...stored });
  else entries[index] = { ...live, ...stored };
  // Stored entries have an order among them; live ones are newer than all that is stored of their turn.
  entries.sort((a, b) => (a.seq ?? Number.MAX_SAFE_INTEGER) - (b.seq ?? Number.MAX_SAFE_INTEGER));
  // An answer is stored when its turn ends.
  const answered = message.role === "kubechat" && turn.phase !== "running";
  return { ...turn, entries, phase: answered || turn.phase === "done" ? "done" : turn.phase };
}

function progressed(conversation: Conversation, event: Progress): Conversation {
  return changePlan(conversation, event.plan, (decision) =>
    decision.outcome !== null
      ? decision
      : {
          ...decision,
          progress: event.text,
          job: decision.job || event.job,
          pending: event.job && decision.pending === null ? "confirming" : decision.pending,
          uncertain: event.job ? false : decision.uncertain,
        },
  );
}

function approved(conversation: Conversation, event: Approval): Conversation {
  return changePlan(conversation, event.plan, (decision) => ({ ...decision, approval: event, failure: null }));
}

function closed(conversation: Conversation, outcome: Outcome, at: string): Conversation {
  return changePlan(conversation, outcome.plan, (decision) => ({
    ...decision,
    pending: null,
    uncertain: false,
    progress: "",
    failure: null,
    outcome,
    decidedAt: at,
  }));
}

/** The turn of a decision is over. One that told neither an outcome nor an error leaves it open what became of it. */
function settled(conversation: Conversation, id: string): Conversation {
  const plan = conversation.deciding.get(id);
  if (plan === undefined) return conversation;
  return changePlan(conversation, plan, (decision) => decision.job && decision.outcome === null ? { ...decision, pending: "confirming" } : ({
    ...decision,
    pending: null,
    progress: "",
    uncertain: decision.uncertain || decision.pending !== null,
  }));
}

function changePlan(conversation: Conversation, plan: string, change: (decision: Decision) => Decision): Conversation {
  const plans = new Map(conversation.plans);
  plans.set(plan, change(plans.get(plan) ?? UNDECIDED));
  return { ...conversation, plans };
}

function changeTurn(conversation: Conversation, id: string, change: (turn: Turn) => Turn): Conversation {
  const index = conversation.turns.findIndex((turn) => turn.id === id);
  const before = conversation.turns[index];
  if (before === undefined) return { ...conversation, turns: [...conversation.turns, change(newTurn(id))] };
  const turn = change(before);
  return turn === before ? conversation : { ...conversation, turns: conversation.turns.with(index, turn) };
}

function newTurn(id: string): Turn {
  return { id, entries: [], phase: "sent", stopped: false, requestId: "", traceId: "", durationS: null, growing: null, words: null };
}

/** A reading is told while it is made; only its last state is worth keeping. */
function replaces(event: HistoryEvent, earlier: HistoryEvent): boolean {
  return event.type === "reading" && earlier.type === "reading";
}

function same(a: HistoryEvent, b: HistoryEvent): boolean {
  return a.type === b.type && JSON.stringify(a) === JSON.stringify(b);
}
