import { describe, expect, it } from "vitest";
import { clean, cleanDeep } from "../src/text/clean";

describe("cleaning", () => {
  it("leaves ordinary text alone, whatever its script", () => {
    for (const text of ["web-5f7c9d6b8-2xkqp", "a\tb\nc", "שלום", "می‌خواهم", "👩‍🚀", "café"]) expect(clean(text)).toBe(text);
  });

  it("takes out colours, cursor movements, titles and links of a terminal", () => {
    expect(clean("\u001b[1;31mred\u001b[0m")).toBe("red");
    expect(clean("\u001b]0;title\u0007text")).toBe("text");
    expect(clean("\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\")).toBe("link");
    expect(clean("\u009b31mred")).toBe("red");
    expect(clean("a\u001b[2Kb\u001bcd")).toBe("abd");
  });

  it("shows characters that reorder or hide text", () => {
    expect(clean("invoice\u202egnp.exe")).toBe("invoice⟨U+202E⟩gnp.exe");
    expect(clean("web\u200b")).toBe("web⟨U+200B⟩");
    expect(clean("\u2066x\u2069")).toBe("⟨U+2066⟩x⟨U+2069⟩");
    expect(clean("a\u{e0041}")).toBe("a⟨U+E0041⟩");
  });

  it("shows control characters and makes line ends one", () => {
    expect(clean("a\u0000b\u0008")).toBe("a␀b␈");
    expect(clean("a\r\nb\rc\u0000")).toBe("a\nb\nc␀");
    expect(clean("\u007f")).toBe("␡");
  });

  it("leaves nothing of what it removes, however it is nested", () => {
    expect(clean("\u001b\u001b[31m[31m")).not.toContain("\u001b");
    expect(clean("\u001b[")).not.toContain("\u001b");
  });

  it("goes through lists and objects, keys included", () => {
    expect(cleanDeep({ "a\u202e": ["\u001b[0mx", 1, null, { b: true }] })).toEqual({
      "a⟨U+202E⟩": ["x", 1, null, { b: true }],
    });
  });
});
