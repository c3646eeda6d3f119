/** A table that stays current: what it shows after each update. Pure: no network, no signals. */
import type { Column, LiveUpdate } from "../protocol/events";

export interface LiveRows {
  readonly columns: readonly Column[];
  /** Rows by their keys, in the cluster's order. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
  readonly total: number;
}

/** The table after an update; null as long as none was told whole. */
export function after(before: LiveRows | null, update: LiveUpdate): LiveRows | null {
  if (update.whole !== null) {
    return { columns: update.whole.columns, rows: new Map(update.whole.rows), total: update.total };
  }
  if (before === null) return null;
  const rows = new Map(before.rows);
  for (const key of update.removed) rows.delete(key);
  let added = false;
  for (const [key, cells] of update.changed) {
    added ||= !rows.has(key);
    rows.set(key, cells);
  }
  return { ...before, rows: added ? ordered(rows) : rows, total: update.total };
}

/** As clusters list: by namespace and name, letter by letter. */
function ordered(rows: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]> {
  return new Map([...rows].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
