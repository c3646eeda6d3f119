/** Time that goes on while something on the page shows it. */
import { type Signal, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { gatewayNow } from "../net/clock";

/** The gateway's time in milliseconds; moves once a second while a component uses it. */
export const now: Signal<number> = signal(gatewayNow());

let watchers = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** Keep `now` moving as long as this component is shown and `active`. */
export function useTicking(active: boolean): void {
  useEffect(() => {
    if (!active) return undefined;
    now.value = gatewayNow();
    watchers += 1;
    timer ??= setInterval(() => {
      now.value = gatewayNow();
    }, 1_000);
    return () => {
      watchers -= 1;
      if (watchers === 0) {
        clearInterval(timer);
        timer = undefined;
      }
    };
  }, [active]);
}
