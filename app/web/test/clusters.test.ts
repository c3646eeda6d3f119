import { expect, test } from "vitest";
import { proposedName } from "../src/clusters/name";
import { decodeClusters, decodeContexts } from "../src/protocol/decode";

test("a name is proposed that the gateway takes", () => {
  expect(proposedName("prod-eu")).toBe("prod-eu");
  expect(proposedName("arn:aws:eks:eu-west-1:1:cluster/shop")).toBe("shop");
  expect(proposedName("admin@kind (old)")).toBe("admin-kind-old-");
  expect(proposedName("__x")).toBe("x");
  expect(proposedName("y".repeat(80))).toHaveLength(63);
});

test("a cluster that was never asked and one of another shape can be shown", () => {
  const [never, odd] = decodeClusters({
    clusters: [
      { name: "a", state: "ready", version: "v1", latency_s: null, answered_at: null, breaker: "closed", added: true },
      { name: "b", latency_s: "soon", breaker: "open", next_try_s: 3.2 },
    ],
  });
  expect(never).toMatchObject({ latencyS: null, answeredAt: null, breakerOpen: false, added: true });
  expect(odd).toMatchObject({ latencyS: null, breakerOpen: true, nextTryS: 3.2, added: false, reason: "" });
});

test("contexts carry what is wrong with them", () => {
  expect(decodeContexts({ current: "a", contexts: [{ name: "a", server: "https://a", fault: "" }, null] })).toEqual({
    current: "a",
    contexts: [
      { name: "a", server: "https://a", fault: "" },
      { name: "", server: "", fault: "" },
    ],
  });
});
