import { describe, expect, it } from "vitest";
import { after, type Answers } from "../src/promises/ask";
import { decodePromises, type Objective, type Promises, ShapeError } from "../src/promises/decode";
import { durationText, figureText, figureTexts, hours, liveText, percent } from "../src/promises/figures";
import { budgetText, inOrder, standingOf } from "../src/promises/objectives";
import { type Filters, NO_FILTERS, sectionTitle, select } from "../src/promises/select";

const TARGET = {
  path: "performance_sla.response_times.simple_queries",
  text: "A simple query takes less than 200 ms.",
  section: "performance_sla",
  kind: "objective",
  figures: [{ name: "duration", value: 0.2, unit: "seconds" }],
  state: "proved",
  planned: null,
  reason: "",
  metric: "kubechat_turn_duration_seconds",
  enforced_by: ["postgresql work_mem"],
  alert: "SLOBurnPageFast",
  panel: "/d/kubechat-system-overview?viewPanel=1",
  test: "tests/targets/test_x.py::test_y",
  live: 0.0123,
  threshold: 0.2,
  unit: "seconds",
  holds: "<",
  verdict: "pass",
};
const OBJECTIVE = {
  id: "gateway-availability",
  service: "gateway",
  title: "Requests are answered",
  group: { job: "nlp" },
  objective: 0.999,
  period_s: 2_592_000,
  events: 12_345,
  bad_events: 3,
  budget_left: 0.757,
  month_budget_left: null,
  verdict: "kept",
};
const ANSWER = {
  as_of: "2026-11-25T14:00:00+00:00",
  prometheus: true,
  counts: { proved: 100, unproved: 3, planned: 118 },
  verdicts: { pass: 40, fail: 1, "no data": 7 },
  downtime: { year: 2026, seconds: 123.4, allowed_seconds: 31_572, days: 12 },
  maintenance: null,
  objectives: [OBJECTIVE],
  targets: [TARGET],
};

function figure(value: number | string, unit: string, name = ""): { name: string; value: number | string; unit: string } {
  return { name, value, unit };
}

describe("a figure", () => {
  it("is said as people say it", () => {
    const said: readonly (readonly [number | string, string, string])[] = [
      [0.2, "seconds", "200 ms"],
      [0.005, "seconds", "5 ms"],
      [0.000_12, "seconds", "120 µs"],
      [2, "seconds", "2 s"],
      [0, "seconds", "0 s"],
      [300, "seconds", "5 min"],
      [31_572, "seconds", "8.77 h"],
      [86_400, "seconds", "24 h"],
      [2_592_000, "seconds", "30 d"],
      [536_870_912, "bytes", "512 MB"],
      [1024, "bytes", "1 KB"],
      [1000, "bytes", "1,000 bytes"],
      [10 * 2 ** 40, "bytes", "10 TB"],
      [0.999, "ratio", "99.9 %"],
      [0.07, "ratio", "7 %"],
      [0.99999, "ratio", "99.999 %"],
      [5000, "per second", "5,000/s"],
      [0.95, "percentile", "p95"],
      [0.999, "percentile", "p99.9"],
      [1, "cores", "1 core"],
      [0.05, "cores", "0.05 cores"],
      [16_384, "count", "16,384"],
      ["transaction", "choice", "transaction"],
      [3, "parsecs", "3 parsecs"],
    ];
    for (const [value, unit, text] of said) expect(figureText(figure(value, unit))).toBe(text);
  });

  it("has its name where there are several and the unit does not say it", () => {
    const timed = [figure(0.2, "seconds", "duration"), figure(0.95, "percentile", "percentile")];
    expect(figureTexts(timed)).toEqual(["200 ms", "p95"]);
    const named = [figure(256 * 2 ** 20, "bytes", "request"), figure(3, "count", "max_fails")];
    expect(figureTexts(named)).toEqual(["request 256 MB", "max fails 3"]);
    expect(figureTexts([figure(100, "count", "clusters")])).toEqual(["100"]);
    expect(figureTexts([])).toEqual([]);
  });
});

describe("a measured value", () => {
  it("has the unit of what is promised", () => {
    expect(liveText(0.0123, 0.2, "seconds")).toBe("12.3 ms");
    expect(liveText(1.5, 0.2, "seconds")).toBe("1,500 ms");
    expect(liveText(400_000, 512 * 2 ** 20, "bytes")).toBe("0.381 MB");
    expect(liveText(0.5, 86_400, "seconds")).toBe("0.000139 h");
    expect(liveText(12_345.678, 10_000, "count")).toBe("12,346");
    expect(liveText(3, 0, "seconds")).toBe("3 s");
    expect(liveText(0.25, null, "ratio")).toBe("25 %");
  });

  it("is never rounded to the promise that it misses", () => {
    expect(liveText(0.2004, 0.2, "seconds")).toBe("200.4 ms");
    expect(liveText(0.998_99, 0.999, "ratio")).toBe("99.899 %");
    expect(liveText(0.2, 0.2, "seconds")).toBe("200 ms");
    expect(liveText(0.1 + 0.2, 0.3, "seconds")).toBe("300 ms");
  });
});

describe("shares and hours", () => {
  it("keep three digits that mean something", () => {
    expect([0.757, 1, 0.000_412].map(percent)).toEqual(["75.7 %", "100 %", "0.0412 %"]);
    expect([123.4, 31_572].map(hours)).toEqual(["0.0343", "8.77"]);
    expect(durationText(123.4)).toBe("2.06 min");
  });
});

describe("the answer", () => {
  it("is read", () => {
    const promises = decodePromises(ANSWER);
    expect(promises).toMatchObject({
      asOf: "2026-11-25T14:00:00+00:00",
      states: { proved: 100 },
      verdicts: { "no data": 7 },
      downtime: { allowedS: 31_572 },
      maintenance: null,
      objectives: [{ group: { job: "nlp" }, budgetLeft: 0.757, monthBudgetLeft: null }],
      targets: [{ enforcedBy: ["postgresql work_mem"], live: 0.0123, verdict: "pass" }],
    });
  });

  it("may lack what has no content", () => {
    const { reason: _, planned: __, verdict: ___, ...bare } = TARGET;
    const promises = decodePromises({ ...ANSWER, counts: {}, targets: [{ ...bare, live: null, metric: null }] });
    expect(promises.targets[0]).toMatchObject({ reason: "", planned: null, verdict: "", metric: "", live: null });
    expect(promises.states).toEqual({ proved: 0, unproved: 0, planned: 0 });
  });

  it("is cleaned of what would lie on the screen", () => {
    const promises = decodePromises({ ...ANSWER, targets: [{ ...TARGET, text: "a\u202eb" }] });
    expect(promises.targets[0]?.text).toBe("a⟨U+202E⟩b");
  });

  it("of another shape is refused, and the refusal says where", () => {
    const targets = (change: object): unknown => ({ ...ANSWER, targets: [TARGET, { ...TARGET, ...change }] });
    const objectives = (change: object): unknown => ({ ...ANSWER, objectives: [{ ...OBJECTIVE, ...change }] });
    const refused: readonly (readonly [unknown, string])[] = [
      [null, "answer"],
      ["<html>", "answer"],
      [[], "answer"],
      [{ ...ANSWER, as_of: "yesterday" }, "as_of"],
      [{ ...ANSWER, prometheus: "yes" }, "prometheus"],
      [{ ...ANSWER, counts: null }, "counts"],
      [{ ...ANSWER, verdicts: { pass: "40" } }, "verdicts.pass"],
      [{ ...ANSWER, downtime: { year: 2026 } }, "downtime.seconds"],
      [{ ...ANSWER, maintenance: { starts_at: "soon" } }, "maintenance.starts_at"],
      [{ ...ANSWER, targets: {} }, "targets"],
      [objectives({ verdict: "fine" }), "objectives.0.verdict"],
      [objectives({ objective: null }), "objectives.0.objective"],
      [objectives({ budget_left: "0.7" }), "objectives.0.budget_left"],
      [objectives({ group: { job: 1 } }), "objectives.0.group.job"],
      [targets({ path: "" }), "targets.1.path"],
      [targets({ verdict: "splendid" }), "targets.1.verdict"],
      [targets({ state: undefined }), "targets.1.state"],
      [targets({ live: "0.1" }), "targets.1.live"],
      [targets({ live: Number.NaN }), "targets.1.live"],
      [targets({ enforced_by: [1] }), "targets.1.enforced_by.0"],
      [targets({ planned: "data" }), "targets.1.planned"],
      [targets({ figures: [{ name: "", value: true, unit: "count" }] }), "targets.1.figures.0.value"],
    ];
    for (const [value, where] of refused) {
      expect(() => decodePromises(value), where).toThrow(new ShapeError(where));
    }
  });
});

describe("an answer without Prometheus", () => {
  const measured = decodePromises(ANSWER);
  const unmeasured: Promises = { ...measured, prometheus: false };

  it("takes nothing away that was measured before", () => {
    const before: Answers = { shown: measured, away: null };
    expect(after(before, unmeasured)).toEqual({ shown: measured, away: "prometheus" });
    expect(after(after(before, unmeasured), unmeasured).shown).toEqual(measured);
  });

  it("still says what the gateway knows by itself", () => {
    const maintenance = { startsAt: "2026-11-25T14:00:00Z", endsAt: "2026-11-25T15:00:00Z", reason: "", declaredBy: "admin" };
    const told = after({ shown: measured, away: null }, { ...unmeasured, maintenance, downtime: null, targets: [] });
    expect(told.shown).toEqual({ ...measured, maintenance, downtime: null });
  });

  it("is shown when there is no other, and goes with the first that measured", () => {
    const first = after({ shown: null, away: null }, unmeasured);
    expect(first).toEqual({ shown: unmeasured, away: "prometheus" });
    expect(after(first, measured)).toEqual({ shown: measured, away: null });
  });
});

describe("a budget", () => {
  const objective = decodePromises(ANSWER).objectives[0] as Objective;

  it("below zero is spent, and unknown where nothing is known", () => {
    expect(standingOf(objective)).toBe("kept");
    expect(standingOf({ ...objective, budgetLeft: -0.1 })).toBe("spent");
    expect(standingOf({ ...objective, budgetLeft: 0 })).toBe("spent");
    expect(standingOf({ ...objective, monthBudgetLeft: -0.1 })).toBe("spent");
    expect(standingOf({ ...objective, budgetLeft: null })).toBe("no data");
    expect(standingOf({ ...objective, budgetLeft: null, verdict: "spent" })).toBe("spent");
    expect([0.757, 0, -0.24, -2].map(budgetText)).toEqual([
      "75.7 % left",
      "0 % left",
      "overspent by 24 %",
      "overspent by 200 %",
    ]);
  });

  it("that is spent comes first, those not known last, the others as they were", () => {
    const all = [
      { ...objective, id: "a", budgetLeft: null },
      { ...objective, id: "b" },
      { ...objective, id: "c", verdict: "spent" as const },
      { ...objective, id: "d" },
    ];
    expect(inOrder(all).map((each) => each.id)).toEqual(["c", "b", "d", "a"]);
  });
});

describe("what is shown of all targets", () => {
  const targets = decodePromises({
    ...ANSWER,
    targets: [
      { ...TARGET, path: "a", section: "redis_optimization" },
      { ...TARGET, path: "b", section: "redis_optimization", verdict: "fail", text: "Redis evicts." },
      {
        ...TARGET,
        path: "c",
        section: "http_caching",
        verdict: "",
        state: "planned",
        planned: { part: "data", reason: "Later." },
      },
      { ...TARGET, path: "d", section: "http_caching", verdict: "no data", state: "unproved" },
    ],
  }).targets;
  const paths = (filters: Partial<Filters>): unknown =>
    select(targets, { ...NO_FILTERS, ...filters }).map((section) => [
      section.name,
      section.targets.map((each) => each.path).join(""),
    ]);

  it("is in the document's order, failing ones first within a section", () => {
    expect(paths({})).toEqual([["redis_optimization", "ba"], ["http_caching", "cd"]]);
    expect(paths({ order: "document" })).toEqual([["redis_optimization", "ab"], ["http_caching", "cd"]]);
  });

  it("is what matches every filter", () => {
    expect(paths({ verdict: "fail" })).toEqual([["redis_optimization", "b"]]);
    expect(paths({ verdict: "" })).toEqual([["http_caching", "c"]]);
    expect(paths({ state: "unproved" })).toEqual([["http_caching", "d"]]);
    expect(paths({ verdict: "pass", state: "planned" })).toEqual([]);
    expect(paths({ text: " EVICTS redis " })).toEqual([["redis_optimization", "b"]]);
    expect(paths({ text: "http caching later" })).toEqual([["http_caching", "c"]]);
    expect(paths({ text: "work_mem slo" })).toEqual([["redis_optimization", "ba"], ["http_caching", "cd"]]);
  });

  it("has headings in words", () => {
    expect(["performance_sla", "postgresql_tuning", "cpu_optimization", "http_caching"].map(sectionTitle)).toEqual([
      "Performance SLA",
      "PostgreSQL tuning",
      "CPU optimization",
      "HTTP caching",
    ]);
  });
});
