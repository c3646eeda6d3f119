/**
 * The gateway's clock, as far as the browser can know it.
 *
 * A preview's end is a moment of the gateway's clock. A workstation that is ten minutes fast would show each one as
 * expired on arrival, so the difference is taken from the Date header of its answers.
 */

const TOLERATED_MS = 2_000; // the header counts whole seconds, and the answer was under way

let offsetMs = 0;

/** Learn from an answer's Date header. */
export function learnClock(date: string | null, receivedAt: number): void {
  const sent = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(sent)) return;
  const difference = sent - receivedAt;
  offsetMs = Math.abs(difference) > TOLERATED_MS ? difference : 0;
}

/** Milliseconds since the epoch, by the gateway's clock. */
export function gatewayNow(): number {
  return Date.now() + offsetMs;
}
