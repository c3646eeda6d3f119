import { describe, expect, it } from "vitest";
import { type Load, reportOf } from "../src/state/load";

const LOAD: Load = {
  usableAt: 83.14,
  activatedAt: 0,
  hiddenAt: [],
  scripts: [{ responseEnd: 40, transferSize: 28_000 }],
};

describe("a load", () => {
  it("is reported from the start of the navigation, cold when a script came over the network", () => {
    expect(reportOf(LOAD)).toEqual({ seconds: 0.0831, cache: "cold" });
    const cached: Load = { ...LOAD, scripts: [{ responseEnd: 9, transferSize: 0 }] };
    expect(reportOf(cached)).toEqual({ seconds: 0.0831, cache: "warm" });
  });

  it("is judged by the scripts that it waited for", () => {
    const scripts = [
      { responseEnd: 9, transferSize: 0 },
      { responseEnd: 90, transferSize: 80_000 },
    ];
    expect(reportOf({ ...LOAD, scripts })?.cache).toBe("warm");
    expect(reportOf({ ...LOAD, scripts: [{ responseEnd: 90, transferSize: 80_000 }] })).toBeNull();
    expect(reportOf({ ...LOAD, scripts: [] })).toBeNull();
  });

  it("that nobody looked at is not reported", () => {
    expect(reportOf({ ...LOAD, hiddenAt: [0] })).toBeNull();
    expect(reportOf({ ...LOAD, hiddenAt: [50] })).toBeNull();
    expect(reportOf({ ...LOAD, hiddenAt: [90] })).not.toBeNull(); // hidden after it could be used
  });

  it("of a page made ahead counts from where it was shown", () => {
    const ahead: Load = { ...LOAD, usableAt: 5_012, activatedAt: 5_000, hiddenAt: [0, 20] };
    expect(reportOf(ahead)).toEqual({ seconds: 0.012, cache: "cold" });
    expect(reportOf({ ...ahead, hiddenAt: [5_001] })).toBeNull();
  });
});
