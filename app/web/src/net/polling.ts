/** Asks again and again while the page is seen. */
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export interface Polled<T> {
  readonly answer: Signal<T>;
  /** Ask at once, and not again before the usual time has passed. */
  readonly again: () => void;
}

/**
 * What was answered last.
 *
 * @param first what stands there before the first answer
 * @param everyMs how long after one question the next is asked, while the page is visible
 * @param ask asks; is given what was answered before, and does not throw for what may happen
 */
export function usePolled<T>(first: T, everyMs: number, ask: (before: T) => Promise<T>): Polled<T> {
  const answer = useSignal<T>(first);
  const now = useRef<() => void>(() => undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let askedAt = Number.NEGATIVE_INFINITY;
    let asking = false;
    let onceMore = false;
    let left = false;
    const wait = (): void => {
      clearTimeout(timer);
      if (left || asking || document.visibilityState !== "visible") return;
      timer = setTimeout(() => void next(), Math.max(0, askedAt + everyMs - performance.now()));
    };
    const next = async (): Promise<void> => {
      asking = true;
      askedAt = performance.now();
      const found = await ask(answer.peek());
      asking = false;
      if (left) return;
      answer.value = found;
      if (onceMore) askedAt = Number.NEGATIVE_INFINITY;
      onceMore = false;
      wait();
    };
    now.current = () => {
      onceMore = asking; // what is under way may have been answered before
      askedAt = Number.NEGATIVE_INFINITY;
      wait();
    };
    wait();
    document.addEventListener("visibilitychange", wait);
    return () => {
      left = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wait);
    };
  }, []);
  return { answer, again: () => now.current() };
}
