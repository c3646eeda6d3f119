/**
 * Checks the answer of `/promises` and turns it into what the page draws, cleaned for display.
 *
 * Strict, unlike the decoders of the chat: a verdict that is read wrongly would be a lie about a promise, so that an
 * answer of another shape is refused as a whole. Only what has no content (null, or not there) may be missing.
 */
import { cleanDeep } from "../text/clean";

export type Verdict = "pass" | "fail" | "no data" | "";
export type TargetState = "proved" | "unproved" | "planned";
export type BudgetVerdict = "kept" | "spent" | "no data";

export interface Figure {
  readonly name: string;
  readonly value: number | string;
  readonly unit: string;
}

export interface Target {
  readonly path: string;
  readonly text: string;
  readonly section: string;
  readonly kind: string;
  readonly figures: readonly Figure[];
  readonly state: TargetState;
  readonly planned: { readonly part: string; readonly reason: string } | null;
  readonly reason: string;
  readonly metric: string;
  /** What Prometheus is asked, and what has to happen before it can answer. */
  readonly query: string;
  readonly waitsFor: string;
  readonly enforcedBy: readonly string[];
  readonly alert: string;
  readonly panel: string;
  readonly test: string;
  readonly live: number | null;
  readonly threshold: number | null;
  readonly unit: string;
  readonly holds: string;
  readonly verdict: Verdict;
}

export interface Objective {
  readonly id: string;
  readonly service: string;
  readonly title: string;
  readonly group: Readonly<Record<string, string>>;
  /** The promised share of good events. */
  readonly objective: number;
  readonly periodS: number;
  readonly events: number | null;
  readonly badEvents: number | null;
  /** Shares of the error budget: 1 is untouched, below 0 is overspent. */
  readonly budgetLeft: number | null;
  readonly monthBudgetLeft: number | null;
  readonly verdict: BudgetVerdict;
}

export interface Downtime {
  readonly year: number;
  readonly seconds: number;
  readonly allowedS: number;
  /** How many days of the year were measured. */
  readonly days: number;
}

export interface Maintenance {
  readonly startsAt: string;
  readonly endsAt: string;
  readonly reason: string;
  readonly declaredBy: string;
}

export interface Promises {
  readonly asOf: string;
  /** Whether Prometheus answered; without it nothing is measured. */
  readonly prometheus: boolean;
  readonly states: Readonly<Record<TargetState, number>>;
  readonly verdicts: Readonly<Record<Exclude<Verdict, "">, number>>;
  readonly downtime: Downtime | null;
  readonly maintenance: Maintenance | null;
  readonly objectives: readonly Objective[];
  readonly targets: readonly Target[];
}

/** An answer of another shape; the message is where. */
export class ShapeError extends Error {
  constructor(where: string) {
    super(where);
    this.name = "ShapeError";
  }
}

const STATES: readonly TargetState[] = ["proved", "unproved", "planned"];
const VERDICTS: readonly Verdict[] = ["pass", "fail", "no data", ""];
const BUDGET_VERDICTS: readonly BudgetVerdict[] = ["kept", "spent", "no data"];

/** What `/promises` answered; ShapeError when it is of another shape. */
export function decodePromises(value: unknown): Promises {
  const answer = new Fields(cleanDeep(value), "");
  const states = answer.inner("counts");
  const verdicts = answer.inner("verdicts");
  return {
    asOf: answer.moment("as_of"),
    prometheus: answer.flag("prometheus"),
    states: { proved: states.count("proved"), unproved: states.count("unproved"), planned: states.count("planned") },
    verdicts: { pass: verdicts.count("pass"), fail: verdicts.count("fail"), "no data": verdicts.count("no data") },
    downtime: answer.optional("downtime", decodeDowntime),
    maintenance: answer.optional("maintenance", decodeMaintenance),
    objectives: answer.list("objectives", decodeObjective),
    targets: answer.list("targets", decodeTarget),
  };
}

function decodeDowntime(fields: Fields): Downtime {
  return {
    year: fields.number("year"),
    seconds: fields.number("seconds"),
    allowedS: fields.number("allowed_seconds"),
    days: fields.number("days"),
  };
}

function decodeMaintenance(fields: Fields): Maintenance {
  return {
    startsAt: fields.moment("starts_at"),
    endsAt: fields.moment("ends_at"),
    reason: fields.words("reason"),
    declaredBy: fields.words("declared_by"),
  };
}

function decodeObjective(fields: Fields): Objective {
  return {
    id: fields.name("id"),
    service: fields.words("service"),
    title: fields.name("title"),
    group: fields.optional("group", (group) => group.allWords()) ?? {},
    objective: fields.number("objective"),
    periodS: fields.number("period_s"),
    events: fields.numberOrNull("events"),
    badEvents: fields.numberOrNull("bad_events"),
    budgetLeft: fields.numberOrNull("budget_left"),
    monthBudgetLeft: fields.numberOrNull("month_budget_left"),
    verdict: fields.oneOf("verdict", BUDGET_VERDICTS),
  };
}

function decodeTarget(fields: Fields): Target {
  return {
    path: fields.name("path"),
    text: fields.name("text"),
    section: fields.name("section"),
    kind: fields.words("kind"),
    figures: fields.list("figures", decodeFigure),
    state: fields.oneOf("state", STATES),
    planned: fields.optional("planned", (of) => ({ part: of.words("part"), reason: of.words("reason") })),
    reason: fields.words("reason"),
    metric: fields.words("metric"),
    query: fields.words("query"),
    waitsFor: fields.words("waits_for"),
    enforcedBy: fields.lines("enforced_by"),
    alert: fields.words("alert"),
    panel: fields.words("panel"),
    test: fields.words("test"),
    live: fields.numberOrNull("live"),
    threshold: fields.numberOrNull("threshold"),
    unit: fields.words("unit"),
    holds: fields.words("holds"),
    verdict: fields.oneOf("verdict", VERDICTS, ""),
  };
}

function decodeFigure(fields: Fields): Figure {
  return { name: fields.words("name"), value: fields.numberOrWords("value"), unit: fields.words("unit") };
}

/** The fields of one object of the answer, each read as what it has to be. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    private readonly where: string,
  ) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new ShapeError(where || "answer");
    this.#fields = value as Readonly<Record<string, unknown>>;
  }

  flag(name: string): boolean {
    const value = this.#fields[name];
    return typeof value === "boolean" ? value : this.#refuse(name);
  }

  number(name: string): number {
    return this.numberOrNull(name) ?? this.#refuse(name);
  }

  numberOrNull(name: string): number | null {
    const value = this.#fields[name] ?? null;
    return value === null || Number.isFinite(value) ? (value as number | null) : this.#refuse(name);
  }

  /** A number of things; none when it is not said. */
  count(name: string): number {
    return this.numberOrNull(name) ?? 0;
  }

  /** Text that may be empty or missing. */
  words(name: string): string {
    const value = this.#fields[name] ?? "";
    return typeof value === "string" ? value : this.#refuse(name);
  }

  /** Text that has to be there. */
  name(name: string): string {
    return this.words(name) || this.#refuse(name);
  }

  numberOrWords(name: string): number | string {
    const value = this.#fields[name];
    return typeof value === "string" ? value : this.number(name);
  }

  /** A date and time. */
  moment(name: string): string {
    const value = this.words(name);
    return Number.isNaN(Date.parse(value)) ? this.#refuse(name) : value;
  }

  oneOf<T extends string>(name: string, words: readonly T[], missing?: T): T {
    const value = this.#fields[name] ?? missing;
    return words.find((word) => word === value) ?? this.#refuse(name);
  }

  lines(name: string): readonly string[] {
    return this.#items(name).map((item, at) => (typeof item === "string" ? item : this.#refuse(`${name}.${at}`)));
  }

  list<T>(name: string, decode: (item: Fields) => T): readonly T[] {
    return this.#items(name).map((item, at) => decode(new Fields(item, `${this.#path(name)}.${at}`)));
  }

  inner(name: string): Fields {
    return new Fields(this.#fields[name], this.#path(name));
  }

  optional<T>(name: string, decode: (fields: Fields) => T): T | null {
    return (this.#fields[name] ?? null) === null ? null : decode(this.inner(name));
  }

  /** Every field, which have to be text. */
  allWords(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.keys(this.#fields).map((name) => [name, this.words(name)]));
  }

  #items(name: string): readonly unknown[] {
    const value = this.#fields[name];
    return Array.isArray(value) ? value : this.#refuse(name);
  }

  #path(name: string): string {
    return this.where === "" ? name : `${this.where}.${name}`;
  }

  #refuse(name: string): never {
    throw new ShapeError(this.#path(name));
  }
}
