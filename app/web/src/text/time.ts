/** Moments and durations in words, in the reader's own time zone and always with 24 hours. */

// Made when they are first used: a formatter takes milliseconds, which the first load does not have.
const clock = once({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = once({ day: "numeric", month: "short" });
const full = once({
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** "21:03", or "22 Nov 21:03" when it is of another day than `now`; empty for what is no date. */
export function shortTime(iso: string, now: Date): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "";
  const time = clock().format(moment);
  return moment.toDateString() === now.toDateString() ? time : `${day().format(moment)} ${time}`;
}

/** Date and time to the second; the text itself for what is no date. */
export function fullTime(iso: string): string {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? iso : full().format(moment);
}

/** Milliseconds as a person says them: "45 s", "3 min", "2 h 5 min", "3 d". */
export function spoken(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** What is left of a countdown: "4:07". */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A turn's duration: "84 ms", "1.3 s". */
export function took(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

function once(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  let made: Intl.DateTimeFormat | undefined;
  return () => (made ??= new Intl.DateTimeFormat(undefined, options));
}
