/** Which targets are shown, and in which order: section by section as the document has them. */
import type { Target, TargetState, Verdict } from "./decode";

export interface Filters {
  readonly text: string;
  /** "any", or one verdict; "" is a target that nothing measures. */
  readonly verdict: Verdict | "any";
  readonly state: TargetState | "any";
  readonly order: "failing" | "document";
}

export const NO_FILTERS: Filters = { text: "", verdict: "any", state: "any", order: "failing" };

export interface Section {
  readonly name: string;
  readonly targets: readonly Target[];
}

/** The targets that match, by section; failing ones first within each unless the document's order is asked for. */
export function select(targets: readonly Target[], filters: Filters): readonly Section[] {
  const words = filters.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const sections = new Map<string, Target[]>();
  for (const target of targets) {
    if (filters.verdict !== "any" && filters.verdict !== target.verdict) continue;
    if (filters.state !== "any" && filters.state !== target.state) continue;
    if (words.length > 0 && !holdsAll(target, words)) continue;
    const section = sections.get(target.section);
    if (section === undefined) sections.set(target.section, [target]);
    else section.push(target);
  }
  return Array.from(sections, ([name, found]) => ({
    name,
    targets: filters.order === "failing" ? found.toSorted((a, b) => rank(a) - rank(b)) : found,
  }));
}

/** A section's name as a heading: "performance_sla" is "Performance SLA". */
export function sectionTitle(name: string): string {
  const words = name
    .split("_")
    .map((word) => SPELLED[word] ?? word)
    .join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const SPELLED: Readonly<Record<string, string>> = {
  cpu: "CPU",
  grafana: "Grafana",
  http: "HTTP",
  postgresql: "PostgreSQL",
  redis: "Redis",
  sla: "SLA",
};

function rank(target: Target): number {
  return target.verdict === "fail" ? 0 : 1;
}

function holdsAll(target: Target, words: readonly string[]): boolean {
  const line = [
    target.text,
    target.path,
    sectionTitle(target.section),
    target.kind,
    target.reason,
    target.metric,
    target.query,
    target.alert,
    target.test,
    target.planned?.part ?? "",
    target.planned?.reason ?? "",
    ...target.enforcedBy,
  ]
    .join("\u0000")
    .toLowerCase();
  return words.every((word) => line.includes(word));
}
