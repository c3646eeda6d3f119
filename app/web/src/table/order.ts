/** Sorting and filtering of result tables, by what cells mean and not by their letters. */
import type { Column } from "../protocol/events";

export type Direction = "ascending" | "descending";

const DURATION_COLUMNS = /^(age|last seen|first seen|duration|last schedule|since)$/i;
const DURATION = /^(?:(\d+)y)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;
const QUANTITY = /^(-?\d+(?:\.\d+)?)(n|u|m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei|%)?$/;
const SCALE: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  Ki: 2 ** 10,
  M: 1e6,
  Mi: 2 ** 20,
  G: 1e9,
  Gi: 2 ** 30,
  T: 1e12,
  Ti: 2 ** 40,
  P: 1e15,
  Pi: 2 ** 50,
  E: 1e18,
  Ei: 2 ** 60,
  "%": 1,
};
let letters: Intl.Collator | undefined; // made when first used: it takes milliseconds

/** Seconds of "5d3h", "2m10s" or "45s"; null for anything else. */
export function durationSeconds(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null || text === "") return null;
  const [, years, days, hours, minutes, seconds] = match;
  const parts: readonly [string | undefined, number][] = [
    [years, 31_536_000],
    [days, 86_400],
    [hours, 3_600],
    [minutes, 60],
    [seconds, 1],
  ];
  return parts.reduce((sum, [count, unit]) => sum + Number(count ?? 0) * unit, 0);
}

/** The number that a cell stands for: "250m", "64Mi", "3", "12%", "4 (2m ago)"; null for anything else. */
export function quantity(text: string): number | null {
  const match = QUANTITY.exec(text.replace(/ \(.*\)$/, ""));
  if (match?.[1] === undefined) return null;
  return Number(match[1]) * (match[2] === undefined ? 1 : (SCALE[match[2]] ?? 1));
}

/** Compare two cells of a column, smallest first; cells that have no value come last either way. */
export function compareCells(column: Column, a: string, b: string): number {
  const read = DURATION_COLUMNS.test(column.name) ? durationSeconds : quantity;
  const left = read(a);
  const right = read(b);
  if (left !== null && right !== null) return left - right;
  if (left !== null || right !== null) return left !== null ? -1 : 1;
  letters ??= new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  return letters.compare(a, b);
}

/** Rows in the order of one column; equal ones keep theirs. */
export function sortRows(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  index: number,
  direction: Direction,
): readonly (readonly string[])[] {
  const column = columns[index];
  if (column === undefined) return rows;
  const sign = direction === "ascending" ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [a[index] ?? "", b[index] ?? ""];
    const empties = Number(isEmpty(left)) - Number(isEmpty(right));
    return empties !== 0 ? empties : sign * compareCells(column, left, right);
  });
}

/** Rows in which every word of the filter occurs in some cell, whatever its case. */
export function filterRows(rows: readonly (readonly string[])[], filter: string): readonly (readonly string[])[] {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return rows;
  return rows.filter((row) => {
    const line = row.join("\u0000").toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

/** Columns as they are shown: those of priority 0, or all. */
export function visibleColumns(columns: readonly Column[], wide: boolean): readonly number[] {
  return columns.flatMap((column, index) => (wide || column.priority === 0 ? [index] : []));
}

/** Whether a column holds numbers, which are set right. */
export function isNumeric(column: Column): boolean {
  return column.type === "integer" || column.type === "number";
}

/** The shown part of a table as tab-separated lines, for a spreadsheet. */
export function asTsv(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  shown: readonly number[],
): string {
  const line = (cells: readonly string[]): string =>
    shown.map((index) => (cells[index] ?? "").replace(/[\t\n]+/g, " ")).join("\t");
  return [line(columns.map((column) => column.name)), ...rows.map(line)].join("\n");
}

function isEmpty(cell: string): boolean {
  return cell === "" || cell === "<none>" || cell === "<unknown>" || cell === "<unset>";
}
