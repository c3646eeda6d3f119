import { describe, expect, it } from "vitest";
import type { Column } from "../src/protocol/events";
import { asTsv, durationSeconds, filterRows, quantity, sortRows, visibleColumns } from "../src/table/order";
import { toneOf } from "../src/table/status";

function column(name: string, priority = 0, type = "string"): Column {
  return { name, type, priority };
}

function sorted(name: string, cells: string[], direction: "ascending" | "descending" = "ascending"): string[] {
  return sortRows(
    cells.map((cell) => [cell]),
    [column(name)],
    0,
    direction,
  ).map((row) => row[0] ?? "");
}

describe("sorting", () => {
  it("orders ages by time", () => {
    expect(sorted("AGE", ["2d3h", "45s", "5h12m", "3m", "1y2d"])).toEqual(["45s", "3m", "5h12m", "2d3h", "1y2d"]);
  });

  it("orders quantities by size, not by letters", () => {
    expect(sorted("CPU(cores)", ["2", "250m", "1500m"])).toEqual(["250m", "1500m", "2"]);
    expect(sorted("MEMORY(bytes)", ["1Gi", "64Mi", "900Ki"])).toEqual(["900Ki", "64Mi", "1Gi"]);
  });

  it("reads restarts without their time", () => {
    expect(sorted("RESTARTS", ["112 (2m ago)", "9", "0"])).toEqual(["0", "9", "112 (2m ago)"]);
  });

  it("orders names as people count", () => {
    expect(sorted("NAME", ["web-10", "web-9", "API"])).toEqual(["API", "web-9", "web-10"]);
  });

  it("puts cells without a value last, either way", () => {
    expect(sorted("IP", ["<none>", "10.0.0.2", "10.0.0.1"], "descending")).toEqual(["10.0.0.2", "10.0.0.1", "<none>"]);
  });

  it("keeps the order of equal rows", () => {
    const rows = [
      ["b", "1"],
      ["a", "1"],
    ];
    expect(sortRows(rows, [column("NAME"), column("READY")], 1, "descending")).toEqual(rows);
  });

  it("tells durations and quantities from other words", () => {
    expect(durationSeconds("web")).toBeNull();
    expect(durationSeconds("")).toBeNull();
    expect(quantity("node-a")).toBeNull();
    expect(quantity("12%")).toBe(12);
  });
});

describe("filtering", () => {
  const rows = [
    ["web-1", "Running"],
    ["cart-1", "Pending"],
  ];

  it("wants every word, in any cell and any case", () => {
    expect(filterRows(rows, "RUN web")).toEqual([rows[0]]);
    expect(filterRows(rows, "web pending")).toEqual([]);
    expect(filterRows(rows, "  ")).toEqual(rows);
  });

  it("does not match across two cells", () => {
    expect(filterRows(rows, "1run")).toEqual([]);
  });
});

describe("columns and copying", () => {
  const columns = [column("NAME"), column("NODE", 1)];

  it("keeps wide columns back until they are asked for", () => {
    expect(visibleColumns(columns, false)).toEqual([0]);
    expect(visibleColumns(columns, true)).toEqual([0, 1]);
  });

  it("copies what is shown, and no cell breaks its line", () => {
    expect(asTsv(columns, [["a\tb\nc", "node-a"]], [0, 1])).toBe("NAME\tNODE\na b c\tnode-a");
    expect(asTsv(columns, [["a", "node-a"]], [0])).toBe("NAME\na");
  });
});

describe("a status word", () => {
  it("has the tone of what it says", () => {
    expect(toneOf("STATUS", "Running")).toBe("ok");
    expect(toneOf("STATUS", "ContainerCreating")).toBe("busy");
    for (const word of ["CrashLoopBackOff", "Error", "NotReady", "Init:CrashLoopBackOff", "Init:Error", "OOMKilled"]) {
      expect(toneOf("STATUS", word)).toBe("bad");
    }
    expect(toneOf("STATUS", "Ready,SchedulingDisabled")).toBe("busy");
    expect(toneOf("STATUS", "Init:0/1")).toBe("busy");
  });

  it("counts containers that are not ready", () => {
    expect(toneOf("READY", "0/1")).toBe("busy");
    expect(toneOf("READY", "2/2")).toBe("none");
  });

  it("means nothing in a column that is not about health", () => {
    expect(toneOf("NAME", "error")).toBe("none");
  });
});
