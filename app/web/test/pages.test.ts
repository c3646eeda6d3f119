import { expect, test } from "vitest";
import { decodePage } from "../src/protocol/decode";
import type { Page } from "../src/net/rest";
import { arrived } from "../src/table/use-pages";

function page(first: number, next: string, notes = ""): Page {
  const columns = [{ name: "NAME", type: "string", priority: 0 }];
  const table = { type: "table", command: "kubectl get pods", columns, rows: [[`web-${first}`]], total: 3, first, next };
  const found = decodePage({ events: [table, { type: "output", notes }] });
  if (found === null) throw new Error("no table");
  return found;
}

const begun = { pages: [page(0, "a").table], at: 0, said: "" };

test("a page stands behind the one before, and one that was visited is not asked for again", () => {
  const second = arrived(begun, page(1, "b"));
  expect([second.at, second.pages.map((each) => each.first), second.said]).toEqual([1, [0, 1], ""]);
  const again = arrived({ ...second, at: 0 }, page(1, "c"));
  expect(again.pages.map((each) => each.next)).toEqual(["a", "c"]);
});

test("a list that the cluster no longer has begins again and says so", () => {
  const again = arrived(arrived(begun, page(1, "b")), page(0, "c"));
  expect([again.at, again.pages.length]).toEqual([0, 1]);
  expect(again.said).toContain("begins again");
});

test("no table at all is the end", () => {
  expect(decodePage({ events: [] })).toBeNull();
  expect(arrived(begun, null)).toMatchObject({ at: 0, said: "There are no more rows." });
});

test("what is noted beside a page is said, and the page is shown all the same", () => {
  const second = arrived(begun, page(1, "b", "1 of 2 clusters answered; west: timed out\n"));
  expect([second.at, second.said]).toEqual([1, "1 of 2 clusters answered; west: timed out"]);
});
