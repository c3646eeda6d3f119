/** The pages of a list that is longer than one table: asked for one by one, in the place of the one before. */
import { useState } from "preact/hooks";
import { fetchPage, type Page, RequestError } from "../net/rest";
import type { TableAnswer } from "../protocol/events";
import { endSession } from "../state/store";

export interface Pages {
  /** The page that is shown. */
  readonly table: TableAnswer;
  /** Whether that is the one that was answered in the conversation. */
  readonly isFirst: boolean;
  readonly busy: boolean;
  /** Why there is no further page, or that the list begins again; empty while nothing is to be said. */
  readonly said: string;
  /** Null where there is no such page. */
  readonly next: (() => void) | null;
  readonly previous: (() => void) | null;
}

export interface Visited {
  readonly pages: readonly TableAnswer[];
  readonly at: number;
  readonly said: string;
}

/** What is shown after a page was answered; null is no table at all: there are no further rows. */
export function arrived(before: Visited, page: Page | null): Visited {
  if (page === null) return { ...before, said: "There are no more rows." };
  const { table, notes } = page;
  if (table.first === 0) return { pages: [table], at: 0, said: "The cluster no longer has the list as it was; it begins again." };
  return { pages: [...before.pages.slice(0, before.at + 1), table], at: before.at + 1, said: notes };
}

export function usePages(first: TableAnswer): Pages {
  const [visited, setVisited] = useState<Visited>({ pages: [first], at: 0, said: "" });
  const [busy, setBusy] = useState(false);
  const table = visited.pages[visited.at] ?? first;

  const ask = async (): Promise<void> => {
    setBusy(true);
    try {
      const page = await fetchPage(first, table);
      setVisited((before) => arrived(before, page));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status === 401) endSession();
      setVisited((before) => ({ ...before, said: error.failure.message }));
    } finally {
      setBusy(false);
    }
  };
  const turn = (at: number): void => setVisited((before) => ({ ...before, at, said: "" }));
  const known = visited.at + 1 < visited.pages.length;
  return {
    table,
    isFirst: visited.at === 0,
    busy,
    said: visited.said,
    next: busy || (table.next === "" && !known) ? null : known ? () => turn(visited.at + 1) : () => void ask(),
    previous: visited.at === 0 ? null : () => turn(visited.at - 1),
  };
}
