/** The error budgets, the year's downtime and maintenance: what people look at first. */
import type { JSX } from "preact";
import { gatewayNow } from "../net/clock";
import { fullTime, shortTime } from "../text/time";
import type { Downtime, Maintenance, Objective, Promises } from "./decode";
import { countText, durationText, hours, percent, promisedPercent } from "./figures";

const DAY_S = 86_400;

export function Facts({ promises }: { readonly promises: Promises }): JSX.Element {
  const { maintenance, verdicts, states } = promises;
  return (
    <dl class="facts">
      <DowntimeFact downtime={promises.downtime} />
      {maintenance !== null && Date.parse(maintenance.endsAt) > gatewayNow() && (
        <MaintenanceFact maintenance={maintenance} />
      )}
      <div class="card">
        <dt>Measured now</dt>
        <dd class="tallies">
          <span class="tone ok">{verdicts.pass} pass</span>
          <span class={verdicts.fail > 0 ? "tone bad" : "muted"}>{verdicts.fail} fail</span>
          <span class="tone no-data">{verdicts["no data"]} no data</span>
        </dd>
      </div>
      <div class="card">
        <dt>Shown by a test</dt>
        <dd class="tallies">
          <span>{states.proved} proved</span>
          <span class={states.unproved > 0 ? "tone busy" : "muted"}>{states.unproved} unproved</span>
          <span class="muted">{states.planned} planned</span>
        </dd>
      </div>
    </dl>
  );
}

function DowntimeFact({ downtime }: { readonly downtime: Downtime | null }): JSX.Element {
  if (downtime === null) {
    return (
      <div class="card">
        <dt>Down this year</dt>
        <dd>
          <span class="tone no-data">no data</span>
          <Bar tone="no-data" share={0} />
        </dd>
      </div>
    );
  }
  const { year, seconds, allowedS, days } = downtime;
  const over = seconds > allowedS;
  return (
    <div class="card">
      <dt>Down in {year}</dt>
      <dd>
        <span>
          <strong>{hours(seconds)}</strong> of {hours(allowedS)} hours allowed
        </span>
        <Bar tone={over ? "bad" : "ok"} share={over ? 1 : seconds / allowedS} />
        <small class={over ? "tone bad" : "muted"}>
          {over ? "more than allowed: " : ""}
          {durationText(seconds)}, {days === 1 ? "1 day" : `${countText(days)} days`} measured
        </small>
      </dd>
    </div>
  );
}

function MaintenanceFact({ maintenance }: { readonly maintenance: Maintenance }): JSX.Element {
  const { startsAt, endsAt, reason, declaredBy } = maintenance;
  const under = Date.parse(startsAt) <= gatewayNow();
  return (
    <div class="card">
      <dt>{under ? "Maintenance now" : "Maintenance planned"}</dt>
      <dd>
        <span>
          {under ? "until " : <Moment iso={startsAt} from={new Date()} />}
          {!under && " – "}
          <Moment iso={endsAt} from={under ? new Date() : new Date(startsAt)} />
        </span>
        {reason !== "" && <span class="said">{reason}</span>}
        {declaredBy !== "" && <small class="muted">declared by {declaredBy}</small>}
      </dd>
    </div>
  );
}

/** A time of day, with the day where that is another than the one of `from`. */
function Moment({ iso, from }: { readonly iso: string; readonly from: Date }): JSX.Element {
  return (
    <time dateTime={iso} title={fullTime(iso)}>
      {shortTime(iso, from)}
    </time>
  );
}

export function Objectives({ objectives }: { readonly objectives: readonly Objective[] }): JSX.Element {
  if (objectives.length === 0) return <p class="muted">No objective is measured.</p>;
  return (
    <table class="budgets" role="table" aria-label="Error budgets">
      <thead role="rowgroup">
        <tr role="row">
          {["Objective", "Error budget left", "Verdict", "This month", "Failed", "Promised"].map((name) => (
            <th key={name} role="columnheader" scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {inOrder(objectives).map((objective) => (
          <ObjectiveRow key={`${objective.id} ${groupText(objective)}`} objective={objective} />
        ))}
      </tbody>
    </table>
  );
}

function ObjectiveRow({ objective }: { readonly objective: Objective }): JSX.Element {
  const { budgetLeft, monthBudgetLeft, events, badEvents } = objective;
  const standing = standingOf(objective);
  const tone = budgetLeft === null ? "no-data" : budgetLeft > 0 ? "ok" : "bad"; // the month's may be spent before it
  const where = [objective.service, groupText(objective)].filter((part) => part !== "").join(" · ");
  return (
    <tr role="row" class={standing === "spent" ? "wrong" : undefined}>
      <th role="rowheader" scope="row">
        {objective.title}
        <small class="muted">{where}</small>
      </th>
      <td role="cell" class="left">
        <Bar tone={tone} share={tone === "bad" ? 1 : (budgetLeft ?? 0)} />
        <span class={tone}>{budgetLeft === null ? "no data" : budgetText(budgetLeft)}</span>
      </td>
      <td role="cell">
        <span class={`tone ${TONES[standing]}`}>{standing}</span>
      </td>
      <td role="cell" data-name="This month">
        {monthBudgetLeft === null ? (
          <span class="muted">no data</span>
        ) : (
          <span class={monthBudgetLeft <= 0 ? "bad" : undefined}>{budgetText(monthBudgetLeft)}</span>
        )}
      </td>
      <td role="cell" data-name="Failed">
        {events === null || badEvents === null ? (
          <span class="muted">no data</span>
        ) : (
          `${countText(badEvents)} of ${countText(events)}`
        )}
      </td>
      <td role="cell" data-name="Promised">
        {promisedPercent(objective.objective)} over {countText(objective.periodS / DAY_S)} days
      </td>
    </tr>
  );
}

type Tone = "ok" | "bad" | "no-data";
const TONES: Readonly<Record<Objective["verdict"], Tone>> = { kept: "ok", spent: "bad", "no data": "no-data" };

/** A share as a length. Decoration: what it means is said beside it. Hatched when it is about what is too much. */
function Bar({ tone, share }: { readonly tone: Tone; readonly share: number }): JSX.Element {
  return (
    <span class={`bar ${tone}`} aria-hidden="true">
      <span style={{ width: `${100 * Math.min(1, Math.max(0, share))}%` }} />
    </span>
  );
}

/** What is said of an objective: one with a budget below zero is spent, whatever else is said of it. */
export function standingOf({ budgetLeft, monthBudgetLeft, verdict }: Objective): Objective["verdict"] {
  if ((budgetLeft ?? 1) <= 0 || (monthBudgetLeft ?? 1) <= 0) return "spent";
  return budgetLeft === null && verdict === "kept" ? "no data" : verdict;
}

/** "75.7 % left", "overspent by 24 %". */
export function budgetText(left: number): string {
  return left < 0 ? `overspent by ${percent(-left)}` : `${percent(left)} left`;
}

/** Spent budgets first, those of which nothing is known last, each as the gateway has them. */
export function inOrder(objectives: readonly Objective[]): readonly Objective[] {
  return objectives.toSorted((a, b) => ORDER.indexOf(standingOf(a)) - ORDER.indexOf(standingOf(b)));
}

const ORDER: readonly Objective["verdict"][] = ["spent", "kept", "no data"];

function groupText({ group }: Objective): string {
  return Object.entries(group)
    .map(([label, value]) => `${label} ${value}`)
    .join(", ");
}
