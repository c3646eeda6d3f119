/** Keeps a shown table current while it is looked at: the window is visible, connected, and it is wanted. */
import { useEffect, useState } from "preact/hooks";
import { newId } from "../net/ids";
import type { TableAnswer } from "../protocol/events";
import { transmit } from "../state/live";
import { connection } from "../state/store";
import { hear } from "../state/tables";
import { after, type LiveRows } from "./live";

export interface Live {
  /** Whether it is kept current at this moment. */
  readonly on: boolean;
  /** What the table shows now; null while nothing is known yet. */
  readonly rows: LiveRows | null;
  /** Why it does not stay current any more; empty while it does. */
  readonly over: string;
}

type Told = Omit<Live, "on">;

const NOTHING: Told = { rows: null, over: "" };

export function useLive(table: TableAnswer, wanted: boolean): Live {
  const [live, setLive] = useState<Told>(NOTHING);
  const visible = useVisible();
  const watching = wanted && visible && table.live !== null && connection.value.state === "open";
  useEffect(() => {
    if (!watching) return undefined;
    const id = newId();
    const deaf = hear(id, (update) => {
      setLive((before) =>
        update.ended === null
          ? { rows: after(before.rows, update), over: "" }
          : { rows: before.rows, over: update.message || "It is not kept current any more." },
      );
    });
    const { command, cluster, namespace, live: view } = table;
    transmit({ type: "follow", id, command, cluster, namespace, view });
    return () => {
      deaf();
      transmit({ type: "unfollow", id });
    };
  }, [table, watching]);
  return { ...live, on: watching && live.rows !== null && live.over === "" };
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const look = (): void => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return visible;
}
