import { describe, expect, it } from "vitest";
import { decodeAuditEvents, decodeErrorBody, decodeFrame, decodeMessages } from "../src/protocol/decode";

function frame(value: unknown): ReturnType<typeof decodeFrame> {
  return decodeFrame(JSON.stringify(value));
}

describe("a frame", () => {
  it("that is no JSON or of an unknown type is passed over", () => {
    expect(decodeFrame("{")).toBeNull();
    expect(frame(null)).toBeNull();
    expect(frame({ type: "dance", turn: "t" })).toBeNull();
  });

  it("of a turn says which turn and conversation it belongs to", () => {
    const incoming = frame({ type: "text", turn: "t", chat_session: "c", text: "hi", format: "markdown" });
    expect(incoming).toMatchObject({ kind: "turn", of: { turn: "t", chatSession: "c", event: { markdown: true } } });
  });

  it("of a language model is told apart from KubeChat's own words", () => {
    const words = { type: "text", turn: "t", chat_session: "c", text: "hi" };
    expect(frame(words)).toMatchObject({ of: { event: { model: null } } });
    expect(frame({ ...words, by: "model", model: "llama" })).toMatchObject({ of: { event: { model: "llama" } } });
    expect(frame({ type: "model", turn: "t", reads: 2, tokens: 9, tokens_today: 10, tokens_per_day: null })).toMatchObject({
      of: { event: { reads: 2, tokensToday: 10, tokensPerDay: null } },
    });
  });

  it("with an error and no turn is a failure of its own", () => {
    const error = { type: "error", turn: null, code: "busy", message: "m", request_id: "r", retryable: true };
    expect(frame(error)).toMatchObject({ kind: "failure", failure: { code: "busy", requestId: "r", retryable: true } });
  });

  it("with a table has a string in every cell of every column", () => {
    const columns = [{ name: "NAME", type: "string", priority: 0 }, { name: "N" }, { name: "O" }];
    const incoming = frame({ type: "table", turn: "t", columns, rows: [["a", 3, { b: 1 }], ["b"], "nonsense"] });
    expect(incoming).toMatchObject({
      of: { event: { total: 3, rows: [["a", "3", '{"b":1}'], ["b", "", ""], ["", "", ""]] } },
    });
  });

  it("with an outcome or a risk of a later version is not read as harmless", () => {
    expect(frame({ type: "outcome", turn: "t", plan: "p", state: "splendid" })).toMatchObject({
      of: { event: { state: "unknown" } },
    });
    expect(frame({ type: "approval", turn: "t", plan: "p", state: "novel" })).toMatchObject({
      of: { event: { state: "denied" } },
    });
    expect(frame({ type: "preview", turn: "t", plan: "p", risk: "novel" })).toMatchObject({
      of: { event: { risk: "destructive", steps: [] } },
    });
  });

  it("with a diagnosis has text in every part, and takes a severity of a later version for the gravest", () => {
    const causes = [{ severity: "apocalyptic", cause: "c", evidence: [{ text: "t" }, 3], fixes: ["kubectl x", 1] }, null];
    const incoming = frame({ type: "diagnosis", turn: "t", summary: "s", causes, not_looked_at: ["secrets"] });
    expect(incoming).toMatchObject({
      of: {
        event: {
          summary: "s",
          notLookedAt: ["secrets"],
          causes: [
            {
              rank: 1,
              severity: "critical",
              evidence: [
                { text: "t", source: "" },
                { text: "", source: "" },
              ],
              fixes: ["kubectl x", ""],
            },
            { rank: 2, cause: "", look: [] },
          ],
        },
      },
    });
  });

  it("is cleaned of what would lie on the screen", () => {
    expect(frame({ type: "text", turn: "t", text: "a\u202eb" })).toMatchObject({
      of: { event: { text: "a⟨U+202E⟩b" } },
    });
  });
});

describe("answers", () => {
  it("of history keep their order and leave out what is not known", () => {
    const messages = [
      { seq: 1, turn: "t", at: "x", role: "person", event: { type: "say", text: "hello" } },
      { seq: 2, turn: "t", at: "x", role: "kubechat", event: { type: "hologram" } },
    ];
    expect(decodeMessages({ messages, next: 1 })).toMatchObject({ messages: [{ seq: 1, role: "person" }], next: 1 });
  });

  it("with an error carry its sentence; others are none", () => {
    expect(decodeErrorBody({ error: { code: "c", message: "m", request_id: "r" } })?.message).toBe("m");
    expect(decodeErrorBody("<html>")).toBeNull();
  });

  it("of the audit log stand missing fields", () => {
    const page = decodeAuditEvents({ events: [{ event_id: "e", resource: "pods", name: null }], next: null });
    expect(page).toMatchObject({ events: [{ id: "e", object: "pods", command: "", detail: "" }], next: null });
  });
});
