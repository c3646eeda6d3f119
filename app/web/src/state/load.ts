/**
 * Tells the gateway how long it took until a person could write: from the start of the navigation to the moment at which
 * the composer was painted.
 *
 * Once per document, and only where the figure means something: the page was asked for by somebody signed in who looked
 * at it all the while. A report that does not arrive is missed by nobody.
 */
import { route } from "./route";

// By then the browser has said when it painted, and the first requests of the page are through.
const TELL_AFTER_MS = 1_000;

/** Moments are milliseconds since the navigation started. */
export interface Load {
  readonly usableAt: number;
  /** When a page that was loaded ahead was shown; 0 for all others. */
  readonly activatedAt: number;
  /** When the page was seen to be hidden. */
  readonly hiddenAt: readonly number[];
  readonly scripts: readonly { readonly responseEnd: number; readonly transferSize: number }[];
}

export interface LoadReport {
  readonly seconds: number;
  readonly cache: "cold" | "warm";
}

/** What is reported of a load; null where nobody waited for it, or where the scripts came from is not known. */
export function reportOf({ usableAt, activatedAt, hiddenAt, scripts }: Load): LoadReport | null {
  if (hiddenAt.some((at) => at >= activatedAt && at < usableAt)) return null;
  const needed = scripts.filter((script) => script.responseEnd <= usableAt);
  if (needed.length === 0) return null;
  return {
    seconds: Math.round((usableAt - activatedAt) * 10) / 10_000,
    cache: needed.some((script) => script.transferSize > 0) ? "cold" : "warm",
  };
}

let wanted = false;
const hiddenAt: number[] = [];

/** Measure the load of this document, if it is one of the chat. Called once, when the scripts start. */
export function watchLoad(): void {
  wanted = route.peek().page === "chat";
  const look = (): void => {
    if (document.visibilityState === "hidden") hiddenAt.push(performance.now());
  };
  look();
  document.addEventListener("visibilitychange", look);
}

/** The load is not measured: what comes now waits for a person and not for us. */
export function ignoreLoad(): void {
  wanted = false;
}

/** The composer is in the document and takes input; the next paint shows it. */
export function composerReady(): void {
  const readyAt = performance.now();
  performance.mark("composer-ready");
  if (!wanted) return;
  wanted = false;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const paintedBy = performance.now();
      setTimeout(() => tell(readyAt, paintedBy), TELL_AFTER_MS);
    }),
  );
}

/** The browser's own first paint is the moment, unless it was of something before the composer. */
function tell(readyAt: number, paintedBy: number): void {
  const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  const usableAt = painted >= readyAt ? painted : paintedBy;
  performance.mark("kubechat:usable", { startTime: usableAt });
  const report = reportOf({
    usableAt,
    activatedAt: (entries("navigation")[0] as { activationStart?: number } | undefined)?.activationStart ?? 0,
    // Some browsers also keep what was before the scripts ran.
    hiddenAt: [...hiddenAt, ...entries("visibility-state").flatMap((e) => (e.name === "hidden" ? e.startTime : []))],
    scripts: (entries("resource") as readonly PerformanceResourceTiming[]).filter(({ name }) => name.endsWith(".js")),
  });
  if (report === null) return;
  void fetch("/api/v1/web-load", {
    method: "POST",
    keepalive: true,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(report),
  }).catch(() => undefined);
}

function entries(type: string): readonly PerformanceEntry[] {
  return performance.getEntriesByType(type);
}
