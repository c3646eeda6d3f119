/** Figures as people say them: "200 ms", "512 MB", "99.9 %", "5,000/s", "24 h". Powers of 1024 for bytes, as promised. */
import type { Figure } from "./decode";

interface Scale {
  readonly factor: number;
  readonly sign: string;
  /** What the unit is joined to the number with. */
  readonly gap: "" | " ";
}

const SIGNIFICANT = 3;
/** Digits after which two figures count as equal: doubles have 15 that mean something. */
const EXACT = 12;

const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** Largest first: the first whose `from` a figure reaches is its scale. Hours go on to two days: "24 h". */
const TIMES: readonly (readonly [from: number, factor: number, sign: string])[] = [
  [2 * DAY_S, DAY_S, "d"],
  [HOUR_S, HOUR_S, "h"],
  [MINUTE_S, MINUTE_S, "min"],
  [1, 1, "s"],
  [1e-3, 1e-3, "ms"],
  [0, 1e-6, "µs"],
];
const SIZES: readonly (readonly [from: number, factor: number, sign: string])[] = [
  [2 ** 40, 2 ** 40, "TB"],
  [2 ** 30, 2 ** 30, "GB"],
  [2 ** 20, 2 ** 20, "MB"],
  [2 ** 10, 2 ** 10, "KB"],
  [0, 1, "bytes"],
];

/** One promised figure, without its name. */
export function figureText({ value, unit }: Figure): string {
  return typeof value === "string" ? value : scaled(value, scaleOf(value, unit), EXACT);
}

/** All promised figures of a target; named where there are several and the unit does not say it. */
export function figureTexts(figures: readonly Figure[]): readonly string[] {
  return figures.map((figure) => {
    const said = figures.length === 1 || figure.name === "" || figure.name === "duration" || figure.unit === "percentile";
    return said ? figureText(figure) : `${figure.name.replaceAll("_", " ")} ${figureText(figure)}`;
  });
}

/**
 * A measured value in the unit that its promise is said in.
 *
 * Rounded, but never so far that it reads like the promise without being it: 0.99897 beside 0.999 is "99.897 %".
 */
export function liveText(live: number, threshold: number | null, unit: string): string {
  const scale = scaleOf(threshold === null || threshold === 0 ? live : threshold, unit);
  if (threshold === null || Math.abs(live - threshold) <= Math.abs(threshold) * 10 ** -EXACT) {
    return scaled(live, scale, SIGNIFICANT);
  }
  const promised = scaled(threshold, scale, EXACT);
  for (let digits = SIGNIFICANT; digits < EXACT; digits += 1) {
    const text = scaled(live, scale, digits);
    if (text !== promised) return text;
  }
  return scaled(live, scale, EXACT);
}

/** A share in percent: "75.7 %". */
export function percent(share: number): string {
  return scaled(share, PERCENT, SIGNIFICANT);
}

/** A promised share, with all its digits: "99.999 %". */
export function promisedPercent(share: number): string {
  return scaled(share, PERCENT, EXACT);
}

/** A number of things: "12,345". */
export function countText(count: number): string {
  return decimal(count, SIGNIFICANT);
}

/** Seconds as a duration: "2.06 min". */
export function durationText(seconds: number): string {
  return scaled(seconds, scaleOf(seconds, "seconds"), SIGNIFICANT);
}

/** Seconds as a number of hours: "0.0343". */
export function hours(seconds: number): string {
  return decimal(seconds / HOUR_S, SIGNIFICANT);
}

const PERCENT: Scale = { factor: 0.01, sign: "%", gap: " " };

function scaleOf(value: number, unit: string): Scale {
  switch (unit) {
    case "seconds":
      return stepped(TIMES, value, "s");
    case "bytes":
      return stepped(SIZES, value, "bytes");
    case "ratio":
      return PERCENT;
    case "count":
      return { factor: 1, sign: "", gap: "" };
    case "per second":
      return { factor: 1, sign: "/s", gap: "" };
    case "percentile":
      return { factor: 0.01, sign: "p", gap: "" };
    case "cores":
      return { factor: 1, sign: value === 1 ? "core" : "cores", gap: " " };
    default:
      return { factor: 1, sign: unit, gap: " " };
  }
}

function stepped(steps: typeof TIMES, value: number, ofNothing: string): Scale {
  const size = Math.abs(value);
  const [, factor, sign] = (size === 0 ? undefined : steps.find(([from]) => size >= from)) ?? [0, 1, ofNothing];
  return { factor, sign, gap: " " };
}

function scaled(value: number, { factor, sign, gap }: Scale, significant: number): string {
  const text = decimal(value / factor, significant);
  return sign === "p" ? `p${text}` : `${text}${gap}${sign}`.trim();
}

const formats = new Map<number, Intl.NumberFormat>();

/** A number with so many significant digits, and never fewer than it has before the point. */
function decimal(value: number, significant: number): string {
  const before = Math.abs(value) < 1 ? 1 : Math.floor(Math.log10(Math.abs(value))) + 1;
  const digits = Math.min(21, Math.max(significant, before));
  let format = formats.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat("en-US", { maximumSignificantDigits: digits, signDisplay: "negative" });
    formats.set(digits, format);
  }
  return format.format(value).replace("-", "−");
}
