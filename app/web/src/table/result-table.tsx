/** A command's result as a table: sorted by a click, filtered, copied. Cells are text and nothing else. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { CommandLine } from "../chat/command";
import type { Column, TableAnswer } from "../protocol/events";
import { CopyButton } from "../shell/copy";
import { useLoaded } from "../shell/lazy";
import { asTsv, type Direction, filterRows, isNumeric, sortRows, visibleColumns } from "./order";
import type { LiveRows } from "./live";
import { toneOf } from "./status";
import { useLive } from "./use-live";
import { type Pages, usePages } from "./use-pages";

const FILTER_FROM = 15; // rows that fit one look
const OLD_S = 5; // what is younger is as good as asked for now
const WINDOW_FROM = 200; // rows that are worth the code that draws only those in sight

const loadLargeTable = () => import("./large-table");

export interface Order {
  readonly column: number;
  readonly direction: Direction;
}

export function ResultTable(props: { readonly table: TableAnswer; readonly newest: boolean }): JSX.Element {
  // The newest table stays current by itself; another one where that is asked for.
  const asked = useSignal<boolean | null>(null);
  const wanted = asked.value ?? props.newest;
  const pages = usePages(props.table);
  const live = useLive(pages.table, wanted && pages.isFirst); // further pages are of the moment they were asked for
  const isLive = live.on;
  const table = useMemo(
    () => (pages.isFirst ? shownNow(pages.table, live.rows) : pages.table),
    [pages.table, pages.isFirst, live.rows],
  );
  const order = useSignal<Order | null>(null);
  const filter = useSignal("");
  const wide = useSignal(false);
  const rows = useMemo(() => {
    const found = filterRows(table.rows, filter.value);
    const by = order.value;
    return by === null ? found : sortRows(found, table.columns, by.column, by.direction);
  }, [table, filter.value, order.value]);
  const columns = visibleColumns(table.columns, wide.value);
  const hasWide = table.columns.some((column) => column.priority > 0);
  const sortBy = (column: number): void => {
    const by = order.value;
    if (by?.column !== column) order.value = { column, direction: "ascending" };
    else order.value = by.direction === "ascending" ? { column, direction: "descending" } : null;
  };

  return (
    <div class="block" role="group" aria-label={`Result of ${table.command}`}>
      <div class="block-head">
        <CommandLine line={table.command} />
        <span class="muted">
          {place(table)}
          <span role="status">{counted(table, rows.length)}</span>
          {!isLive && known(table)}
        </span>
        <span class="block-tools">
          {table.rows.length > FILTER_FROM && (
            <input
              type="search"
              class="filter"
              aria-label="Filter rows"
              placeholder="Filter rows"
              value={filter.value}
              onInput={(event) => (filter.value = event.currentTarget.value)}
            />
          )}
          {hasWide && (
            <button type="button" class="quiet small" aria-pressed={wide.value} onClick={() => (wide.value = !wide.value)}>
              All columns
            </button>
          )}
          {table.live !== null && pages.isFirst && (
            <button
              type="button"
              class={`quiet small ${isLive ? "live" : ""}`}
              aria-pressed={wanted}
              title={live.over || (wanted ? "Rows change as the cluster does" : "Let rows change as the cluster does")}
              onClick={() => (asked.value = !wanted)}
            >
              Live
            </button>
          )}
          <CopyButton text={() => asTsv(table.columns, rows, columns)} label="Copy table" words="Copy" />
        </span>
      </div>
      {rows.length === 0 ? (
        <p class="muted empty-rows">{filter.value === "" ? "No rows." : "No row matches the filter."}</p>
      ) : (
        <Rows key={table.first} table={table} rows={rows} columns={columns} order={order.value} onSort={sortBy} />
      )}
      <PageButtons pages={pages} table={table} />
    </div>
  );
}

function PageButtons({ pages, table }: { readonly pages: Pages; readonly table: TableAnswer }): JSX.Element | null {
  if (pages.table.next === "" && pages.previous === null && pages.said === "") return null;
  return (
    <div class="table-foot">
      <button type="button" class="small" disabled={pages.previous === null} onClick={() => pages.previous?.()}>
        Previous page
      </button>
      <button type="button" class="small" disabled={pages.next === null} onClick={() => pages.next?.()}>
        {pages.busy ? "Reading…" : "Next page"}
      </button>
      <span class="muted" role="status">
        {pages.said || `${number(table.first + 1)}–${number(table.first + table.rows.length)} of ${number(table.total)}`}
      </span>
    </div>
  );
}

export interface RowsProps {
  readonly table: TableAnswer;
  readonly rows: readonly (readonly string[])[];
  /** Indexes of the columns that are shown. */
  readonly columns: readonly number[];
  readonly order: Order | null;
  readonly onSort: (column: number) => void;
}

function Rows(props: RowsProps): JSX.Element {
  return props.rows.length > WINDOW_FROM ? <ManyRows {...props} /> : <AllRows {...props} />;
}

function ManyRows(props: RowsProps): JSX.Element {
  const large = useLoaded(loadLargeTable);
  if (large !== null) return <large.LargeTable {...props} />;
  return <AllRows {...props} rows={props.rows.slice(0, WINDOW_FROM)} />;
}

function AllRows({ table, rows, columns, order, onSort }: RowsProps): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="group" aria-label="Table, scrollable">
      <table aria-label={table.command}>
        <thead>
          <tr>
            {columns.map((index) => {
              const column = table.columns[index];
              return column === undefined ? null : (
                <th key={index} scope="col" class={alignment(column)} aria-sort={sortOf(order, index)}>
                  <SortButton name={column.name} direction={directionOf(order, index)} onClick={() => onSort(index)} />
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {columns.map((index) => (
                <td key={index} class={cellClass(table.columns[index], row[index] ?? "")}>
                  {row[index]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function SortButton(props: {
  readonly name: string;
  readonly direction: Direction | null;
  readonly onClick: () => void;
}): JSX.Element {
  const mark = props.direction === null ? "" : props.direction === "ascending" ? "▲" : "▼";
  return (
    <button type="button" class="sort" onClick={props.onClick}>
      {props.name}
      <span aria-hidden="true" class="sort-mark">
        {mark}
      </span>
    </button>
  );
}

export function directionOf(order: Order | null, column: number): Direction | null {
  return order?.column === column ? order.direction : null;
}

export function sortOf(order: Order | null, column: number): Direction | "none" {
  return directionOf(order, column) ?? "none";
}

export function cellClass(column: Column | undefined, cell: string): string {
  if (column === undefined) return "";
  const tone = toneOf(column.name, cell);
  return `${alignment(column)} ${tone === "none" ? "" : `tone ${tone}`}`;
}

export function alignment(column: Column): string {
  return isNumeric(column) ? "number" : "";
}

/** The table as it is now, where that is known. */
function shownNow(table: TableAnswer, live: LiveRows | null): TableAnswer {
  if (live === null) return table;
  const rows = [...live.rows.values()];
  return { ...table, columns: live.columns, rows, shown: rows.length, total: Math.max(live.total, rows.length), ageS: 0 };
}

/** A word about what the cluster was not asked for again. */
function known(table: TableAnswer): string {
  return table.ageS < OLD_S ? "" : `, as of ${Math.round(table.ageS)} s before`;
}

/** "4,212". */
function number(of: number): string {
  return of.toLocaleString("en-US");
}

function place(table: TableAnswer): string {
  const parts = [table.cluster, table.namespace].filter((part) => part !== "");
  return parts.length === 0 ? "" : `${parts.join(" / ")} · `;
}

function counted(table: TableAnswer, found: number): string {
  const { shown, total } = table;
  const base = shown < total ? `${number(shown)} of ${number(total)}` : total === 1 ? "1 row" : `${number(total)} rows`;
  return found < table.rows.length ? `${found} match, ${base}` : base;
}
