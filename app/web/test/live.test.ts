import { describe, expect, it } from "vitest";
import { decodeFrame } from "../src/protocol/decode";
import type { LiveUpdate } from "../src/protocol/events";
import { after, type LiveRows } from "../src/table/live";

function told(body: object): LiveUpdate {
  const incoming = decodeFrame(JSON.stringify({ type: "live", id: "t", ...body }));
  if (incoming?.kind !== "live") throw new Error("not a live update");
  return incoming.update;
}

const whole = told({
  columns: [{ name: "NAME", type: "string", priority: 0 }],
  rows: [
    ["shop/a", ["a"]],
    ["shop/c", ["c"]],
  ],
  total: 2,
});

function names(rows: LiveRows | null): readonly string[] {
  return [...(rows?.rows.values() ?? [])].map(([name]) => name ?? "");
}

describe("a table that stays current", () => {
  it("begins whole", () => {
    expect(names(after(null, whole))).toEqual(["a", "c"]);
  });

  it("shows nothing of changes before that", () => {
    expect(after(null, told({ changed: [["shop/b", ["b"]]], removed: [], total: 1 }))).toBeNull();
  });

  it("changes rows in their places", () => {
    const next = after(after(null, whole), told({ changed: [["shop/a", ["A"]]], removed: [], total: 2 }));
    expect(names(next)).toEqual(["A", "c"]);
  });

  it("puts new rows where the cluster lists them, and takes out those that are gone", () => {
    const next = after(after(null, whole), told({ changed: [["shop/b", ["b"]]], removed: ["shop/a"], total: 2 }));
    expect(names(next)).toEqual(["b", "c"]);
    expect(next?.total).toBe(2);
  });

  it("says why it ended", () => {
    expect(told({ ended: "rights_changed", message: "Ask again." })).toMatchObject({ ended: "rights_changed", message: "Ask again.", whole: null });
    expect(whole.ended).toBeNull();
  });
});
