/** Tables that this window keeps current: who listens to what the gateway tells of which. */
import type { LiveUpdate } from "../protocol/events";

type Listener = (update: LiveUpdate) => void;

const listeners = new Map<string, Listener>();

/** Hear what is told of a table, until the function that this returns is called. */
export function hear(id: string, listener: Listener): () => void {
  listeners.set(id, listener);
  return () => listeners.delete(id);
}

export function takeLive(update: LiveUpdate): void {
  listeners.get(update.id)?.(update);
}
