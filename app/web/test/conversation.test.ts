import { describe, expect, it } from "vitest";
import type { HistoryEvent, Message, Outcome, TurnEvent } from "../src/protocol/events";
import {
  abandoned,
  type Conversation,
  deciding,
  EMPTY,
  everythingSaid,
  interrupted,
  merged,
  received,
  said,
  sent,
  unanswered,
  uncertainPlans,
  undecided,
} from "../src/state/conversation";

const AT = "2026-11-23T21:00:00Z";

function text(words: string): HistoryEvent {
  return { type: "text", text: words, markdown: false, cluster: null, namespace: null, model: null };
}

function outcome(plan: string, state: Outcome["state"] = "applied"): Outcome {
  return { type: "outcome", plan, state, text: "", events: [], undo: false };
}

function live(turn: string, event: TurnEvent["event"]): TurnEvent {
  return { turn, chatSession: "c", event };
}

function turnState(turn: string, state: "started" | "done"): TurnEvent {
  return live(turn, { type: "turn", state, stopped: false, requestId: "r", traceId: "t", durationS: 0.1 });
}

function stored(seq: number, turn: string, event: HistoryEvent): Message {
  return { seq, turn, at: AT, role: event.type === "say" ? "person" : "kubechat", event };
}

function take(conversation: Conversation, ...events: TurnEvent[]): Conversation {
  return events.reduce((before, event) => received(before, event, AT), conversation);
}

function shown(conversation: Conversation): string[][] {
  return conversation.turns.map((turn) =>
    turn.entries.map(({ event }) => ("text" in event ? `${event.type}:${event.text}` : event.type)),
  );
}

describe("a turn", () => {
  it("goes from queued over sent and running to done", () => {
    let conversation = said(EMPTY, "t1", "hello", AT);
    const phase = (): string | undefined => conversation.turns[0]?.phase;
    expect(phase()).toBe("queued");
    conversation = sent(conversation, "t1");
    expect(phase()).toBe("sent");
    conversation = take(conversation, turnState("t1", "started"), live("t1", text("hi")));
    expect(phase()).toBe("running");
    conversation = take(conversation, turnState("t1", "done"));
    expect(phase()).toBe("done");
    expect(conversation.turns[0]?.durationS).toBe(0.1);
  });

  it("keeps only the last state of a reading", () => {
    const reading = (words: string): HistoryEvent => ({ type: "reading", text: words, commands: [], confidence: 0 });
    const conversation = take(EMPTY, live("t1", reading("verb scale")), live("t1", reading("verb scale, name web")));
    expect(shown(conversation)).toEqual([["reading:verb scale, name web"]]);
  });

  it("that is answered again after it was sent twice shows its answer once", () => {
    const conversation = take(said(EMPTY, "t1", "hello", AT), live("t1", text("hi")), live("t1", text("hi")));
    expect(shown(conversation)).toEqual([["say:hello", "text:hi"]]);
  });
});

describe("history", () => {
  it("merges with what came live without repeating it", () => {
    let conversation = merged(EMPTY, [], { older: null });
    conversation = take(said(conversation, "t1", "hello", AT), turnState("t1", "started"), live("t1", text("hi")));
    conversation = merged(conversation, [stored(1, "t1", { type: "say", text: "hello" }), stored(2, "t1", text("hi"))], "after");
    expect(shown(conversation)).toEqual([["say:hello", "text:hi"]]);
    expect(conversation.lastSeq).toBe(2);
  });

  it("brings what was missed while the connection was away, in its order", () => {
    let conversation = merged(EMPTY, [stored(1, "t1", { type: "say", text: "hello" })], { older: null });
    conversation = take(conversation, live("t1", text("second")));
    const missed = [stored(2, "t1", text("first")), stored(3, "t1", text("second"))];
    conversation = merged(conversation, missed, "after");
    expect(shown(conversation)).toEqual([["say:hello", "text:first", "text:second"]]);
  });

  it("that is older goes before what is shown", () => {
    let conversation = merged(EMPTY, [stored(3, "t2", { type: "say", text: "later" })], { older: 3 });
    expect(conversation.older).toBe(3);
    const earlier = [stored(1, "t1", { type: "say", text: "earlier" }), stored(2, "t1", text("answer"))];
    conversation = merged(conversation, earlier, { older: null });
    expect(shown(conversation)).toEqual([["say:earlier", "text:answer"], ["say:later"]]);
    expect(conversation.older).toBeNull();
    expect(conversation.lastSeq).toBe(3);
  });

  it("knows which turns have no answer, and that one can be given up", () => {
    let conversation = merged(EMPTY, [stored(1, "t1", { type: "say", text: "hello" })], { older: null });
    expect(unanswered(conversation).map((turn) => turn.id)).toEqual(["t1"]);
    conversation = abandoned(conversation, "t1");
    expect(unanswered(conversation)).toEqual([]);
  });

  it("gives back what was said, for recalling it", () => {
    const conversation = ["a", "b", "b"].reduce((before, words, index) => said(before, `t${index}`, words, AT), EMPTY);
    expect(everythingSaid(conversation)).toEqual(["a", "b"]);
  });
});

describe("a decision on a plan", () => {
  it("is pending until its outcome, which may come under another turn", () => {
    let conversation = deciding(EMPTY, "d1", "p", "confirming");
    expect(conversation.plans.get("p")?.pending).toBe("confirming");
    conversation = take(conversation, live("d1", { type: "progress", plan: "p", step: 0, text: "web: 3 → 5", job: false }));
    expect(conversation.plans.get("p")?.progress).toBe("web: 3 → 5");
    conversation = take(conversation, live("other", outcome("p")));
    expect(conversation.plans.get("p")?.pending).toBeNull();
    expect(conversation.plans.get("p")?.outcome?.state).toBe("applied");
  });

  it("that is refused gives the buttons back and says why", () => {
    const error: HistoryEvent = { type: "error", code: "wrong_name", message: "m", requestId: "r", retryable: false };
    const conversation = take(deciding(EMPTY, "d1", "p", "confirming"), live("d1", error), turnState("d1", "done"));
    expect(conversation.plans.get("p")).toMatchObject({ pending: null, outcome: null, failure: { code: "wrong_name" } });
  });

  it("is uncertain when the connection breaks, until history tells", () => {
    let conversation = interrupted(deciding(EMPTY, "d1", "p", "confirming"));
    expect(uncertainPlans(conversation)).toEqual(["p"]);
    conversation = merged(conversation, [stored(1, "d1", outcome("p", "failed"))], "after");
    expect(uncertainPlans(conversation)).toEqual([]);
    expect(conversation.plans.get("p")?.outcome?.state).toBe("failed");
  });

  it("is uncertain when its turn ends without a word about it", () => {
    const conversation = take(deciding(EMPTY, "d1", "p", "confirming"), turnState("d1", "done"));
    expect(uncertainPlans(conversation)).toEqual(["p"]);
  });

  it("that could not be sent is not uncertain", () => {
    const conversation = undecided(deciding(EMPTY, "d1", "p", "confirming"), "p");
    expect(uncertainPlans(interrupted(conversation))).toEqual([]);
  });

  it("waits for a second person, and knows from history what they decided", () => {
    const given: HistoryEvent = { type: "approval", plan: "p", state: "approved", by: "Eve", reason: "", expiresAt: AT };
    expect(take(EMPTY, live("t", given)).plans.get("p")?.approval?.by).toBe("Eve");
    expect(merged(EMPTY, [stored(1, "t", given)], { older: null }).plans.get("p")?.approval?.state).toBe("approved");
  });

  it("that became a job stays under way when its turn ends, the connection breaks, or the page is read anew", () => {
    const started: HistoryEvent = { type: "progress", plan: "p", step: 0, text: "1 of 3 pods gone", job: true };
    let conversation = take(deciding(EMPTY, "d1", "p", "confirming"), live("d1", started), turnState("d1", "done"));
    conversation = interrupted(conversation);
    expect(conversation.plans.get("p")).toMatchObject({ pending: "confirming", job: true, uncertain: false });
    const read = merged(EMPTY, [stored(1, "t", started)], { older: null });
    expect(read.plans.get("p")).toMatchObject({ pending: "confirming", progress: "1 of 3 pods gone" });
    expect(take(read, live("t", outcome("p"))).plans.get("p")?.outcome?.state).toBe("applied");
  });

  it("keeps the last outcome that history has", () => {
    const conversation = merged(EMPTY, [stored(1, "t", outcome("p", "unknown")), stored(2, "t", outcome("p"))], {
      older: null,
    });
    expect(conversation.plans.get("p")?.outcome?.state).toBe("applied");
  });
});

describe("an output that grows", () => {
  const chunk = (words: string, notes = ""): TurnEvent["event"] => ({
    type: "chunk",
    command: "kubectl logs web -f",
    cluster: "prod-eu",
    text: words,
    notes,
  });
  const growing = (conversation: Conversation) => conversation.turns[0]?.growing;

  it("is shown as far as it has come, and gives way to its end", () => {
    let conversation = received(EMPTY, turnState("a", "started"), AT);
    conversation = received(conversation, live("a", chunk("one\n", "Found 3 pods\n")), AT);
    conversation = received(conversation, live("a", chunk("two\n")), AT);
    expect(growing(conversation)?.text).toBe("one\ntwo\n");
    expect(growing(conversation)?.notes).toBe("Found 3 pods\n");
    const whole: HistoryEvent = {
      type: "output",
      command: "kubectl logs web -f",
      cluster: "prod-eu",
      text: "one\ntwo\n",
      language: "log",
      truncated: false,
      notes: "",
      byModel: false,
    };
    conversation = received(conversation, live("a", whole), AT);
    expect(growing(conversation)).toBeNull();
    expect(conversation.turns[0]?.entries.map((entry) => entry.event)).toEqual([whole]);
  });

  it("of a language model is its words so far, and gives way to what it is kept as", () => {
    const delta = (words: string) => live("a", { type: "delta", text: words, model: "llama" });
    let conversation = received(EMPTY, turnState("a", "started"), AT);
    conversation = received(received(conversation, delta("Cart "), AT), delta("is busy."), AT);
    expect(conversation.turns[0]?.words).toEqual({ type: "delta", text: "Cart is busy.", model: "llama" });
    conversation = received(conversation, live("a", text("Cart is busy.")), AT);
    expect(conversation.turns[0]?.words).toBeNull();
  });

  it("keeps its end where it grows too large, from a line's beginning on", () => {
    let conversation = received(EMPTY, turnState("a", "started"), AT);
    for (let i = 0; i < 40; i += 1) conversation = received(conversation, live("a", chunk(`${"x".repeat(9999)}\n`)), AT);
    expect(growing(conversation)?.text.length).toBeLessThanOrEqual(262_144);
    expect(growing(conversation)?.text.startsWith("x".repeat(9999))).toBe(true);
    expect(growing(conversation)?.truncated).toBe(true);
  });

  it("ends with its turn", () => {
    let conversation = received(EMPTY, live("a", chunk("one\n")), AT);
    conversation = received(conversation, turnState("a", "done"), AT);
    expect(growing(conversation)).toBeNull();
  });
});
