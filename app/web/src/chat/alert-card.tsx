/** One alert: what, how grave, since when, what to do. The same card says that it is resolved. */
import type { JSX } from "preact";
import { Icon } from "../shell/icon";
import { now, useTicking } from "../shell/ticking";
import type { Alert } from "../protocol/events";
import { safeLink } from "../text/links";
import { fullTime, shortTime, spoken } from "../text/time";

export function AlertCard({ alert }: { readonly alert: Alert }): JSX.Element {
  const firing = alert.state === "firing";
  useTicking(firing);
  const lasted = alert.endsAt === null ? Number.NaN : Date.parse(alert.endsAt) - Date.parse(alert.startsAt);
  return (
    <article class={`card alert ${firing ? "firing" : "resolved"}`} aria-label={`Alert ${alert.name}, ${alert.state}`}>
      <header>
        <Icon name={firing ? "alert" : "check"} />
        <span class="tag">{firing ? "Firing" : "Resolved"}</span>
        {alert.severity !== "" && <span class="tag plain">{alert.severity}</span>}
        <strong class="alert-name">{alert.name}</strong>
        <time class="muted" dateTime={alert.startsAt} title={fullTime(alert.startsAt)}>
          {firing
            ? `since ${shortTime(alert.startsAt, new Date())}, ${spoken(now.value - Date.parse(alert.startsAt))}`
            : `${shortTime(alert.startsAt, new Date())}${Number.isNaN(lasted) ? "" : `, lasted ${spoken(lasted)}`}`}
        </time>
      </header>
      <p class="summary">{alert.summary === "" ? alert.name : alert.summary}</p>
      {alert.description !== "" && alert.description !== alert.summary && <p>{alert.description}</p>}
      <p class="alert-links">
        <OutLink address={alert.runbookUrl} words="Runbook" />
        <OutLink address={alert.dashboardUrl} words="Dashboard" />
      </p>
      <Labels labels={alert.labels} />
    </article>
  );
}

function OutLink({ address, words }: { readonly address: string; readonly words: string }): JSX.Element | null {
  const href = safeLink(address, location.origin);
  if (href === null) return null;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {words}
      <Icon name="external" />
    </a>
  );
}

function Labels({ labels }: { readonly labels: Readonly<Record<string, string>> }): JSX.Element | null {
  const shown = Object.entries(labels).filter(([name]) => name !== "alertname" && name !== "severity");
  if (shown.length === 0) return null;
  return (
    <details>
      <summary>Labels</summary>
      <dl class="labels">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
