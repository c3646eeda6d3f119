import { describe, expect, it } from "vitest";
import { backoff } from "../src/net/socket";
import { newId } from "../src/net/ids";
import { parseRoute, pathOf } from "../src/state/route";
import { diffLines } from "../src/text/diff";
import { safeLink } from "../src/text/links";
import { isProduction } from "../src/text/production";
import { countdown, spoken, took } from "../src/text/time";

describe("a diff", () => {
  it("marks what is added and removed, and leaves out the file names", () => {
    const lines = diffLines("--- live\n+++ after\n@@ -1,2 +1,2 @@\n spec:\n-  replicas: 3\n+  replicas: 5\n");
    expect(lines).toEqual([
      { kind: "place", text: "@@ -1,2 +1,2 @@" },
      { kind: "context", text: "spec:" },
      { kind: "removed", text: "  replicas: 3" },
      { kind: "added", text: "  replicas: 5" },
    ]);
  });

  it("keeps lines that look like a header inside a hunk", () => {
    expect(diffLines("@@ -1 +1 @@\n--- a\n+++ b").map((line) => line.kind)).toEqual(["place", "removed", "added"]);
  });

  it("of nothing is nothing", () => {
    expect(diffLines("")).toEqual([]);
  });
});

describe("a link", () => {
  it("is followed to http and https only", () => {
    const base = "https://chat.example/";
    expect(safeLink("https://runbooks.example/x", base)).toBe("https://runbooks.example/x");
    expect(safeLink("/runbooks/Down", base)).toBe("https://chat.example/runbooks/Down");
    for (const address of ["javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x", "", "https://"]) {
      expect(safeLink(address, base)).toBeNull();
    }
  });
});

describe("production", () => {
  it("is known by the cluster's name", () => {
    for (const name of ["prod-eu", "eu-prod", "production", "shop_prd1", "LIVE"]) expect(isProduction(name)).toBe(true);
    for (const name of ["staging", "product-dev", "reproduce", "delivery"]) expect(isProduction(name)).toBe(false);
  });
});

describe("time", () => {
  it("is said as people say it", () => {
    expect([5_000, 60_000, 3_600_000, 7_500_000, 90_000_000].map(spoken)).toEqual(["5 s", "1 min", "1 h", "2 h 5 min", "1 d"]);
    expect(countdown(247_000)).toBe("4:07");
    expect(countdown(-1)).toBe("0:00");
    expect([0.0841, 1.26].map(took)).toEqual(["84 ms", "1.3 s"]);
  });

  it("between attempts to reconnect grows, never over its ceiling, never without chance", () => {
    expect(backoff(0, 0)).toBe(250);
    expect(backoff(0, 1)).toBe(500);
    expect(backoff(50, 1)).toBe(15_000);
    expect(backoff(3, 0.2)).toBeLessThan(backoff(3, 0.8));
  });
});

describe("addresses and ids", () => {
  it("come back from their paths", () => {
    const id = newId();
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    for (const to of [{ page: "audit" }, { page: "promises" }, { page: "chat", id: null }, { page: "chat", id }] as const) {
      expect(parseRoute(pathOf(to))).toEqual(to);
    }
    expect(parseRoute("/chat/../../x")).toEqual({ page: "chat", id: null });
  });
});
