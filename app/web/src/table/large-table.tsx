/**
 * A table of many rows, of which only those in sight are drawn.
 *
 * Rows are placed by themselves, so columns cannot take their widths from them as in a table element: widths are made
 * from the longest cells. Roles say what it is. Loaded only when a result has that many rows.
 */
import type { JSX } from "preact";
import { useMemo, useRef } from "preact/hooks";
import { Virtualizer } from "virtua";
import { alignment, cellClass, directionOf, type RowsProps, SortButton, sortOf } from "./result-table";

const WIDEST_CH = 64;
const ROW_HEIGHT_PX = 29;

export function LargeTable({ table, rows, columns, order, onSort }: RowsProps): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const widths = useMemo(() => {
    const longest = (index: number): number =>
      table.rows.reduce((most, row) => Math.max(most, (row[index] ?? "").length), table.columns[index]?.name.length ?? 0);
    // Room for the cell's padding and its mark; what is left over goes to the wide ones.
    return columns
      .map((index) => Math.min(WIDEST_CH, longest(index)) + 6)
      .map((width) => `minmax(${width}ch, ${width}fr)`)
      .join(" ");
  }, [table, columns.join()]);
  const grid = { gridTemplateColumns: widths };
  return (
    <div class="table-scroll large" ref={scroller} tabIndex={0} role="group" aria-label="Table, scrollable">
      <div role="table" class="grid-table" aria-label={table.command} aria-rowcount={rows.length + 1}>
        <div role="rowgroup" class="grid-head">
          <div role="row" class="grid-row" style={grid} aria-rowindex={1}>
            {columns.map((index) => {
              const column = table.columns[index];
              return column === undefined ? null : (
                <div key={index} role="columnheader" class={alignment(column)} aria-sort={sortOf(order, index)}>
                  <SortButton name={column.name} direction={directionOf(order, index)} onClick={() => onSort(index)} />
                </div>
              );
            })}
          </div>
        </div>
        <div role="rowgroup">
          <Virtualizer scrollRef={scroller} startMargin={ROW_HEIGHT_PX} itemSize={ROW_HEIGHT_PX} data={rows}>
            {(row: readonly string[], at: number) => (
              <div key={at} role="row" class="grid-row" style={grid} aria-rowindex={at + 2}>
                {columns.map((index) => (
                  <div key={index} role="cell" class={cellClass(table.columns[index], row[index] ?? "")}>
                    {row[index]}
                  </div>
                ))}
              </div>
            )}
          </Virtualizer>
        </div>
      </div>
    </div>
  );
}
