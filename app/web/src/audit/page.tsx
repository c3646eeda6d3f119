/** Who did what: the audit log, newest first, with filters. Administrators see everyone, others themselves. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { fetchAuditEvents, RequestError } from "../net/rest";
import type { AuditEvent, Failure } from "../protocol/events";
import { Header } from "../shell/header";
import { Icon } from "../shell/icon";
import { endSession, person } from "../state/store";
import { fullTime } from "../text/time";

const PAGE = 50;
const KINDS = ["intent", "outcome", "read", "refusal", "sign_in", "sign_out", "administration"];

interface Filters {
  readonly user: string;
  readonly kind: string;
  readonly text: string;
  /** As a date and time field gives it, in the reader's time zone; empty for no bound. */
  readonly since: string;
  readonly until: string;
}

const NO_FILTERS: Filters = { user: "", kind: "", text: "", since: "", until: "" };

export function AuditPage(): JSX.Element {
  const filters = useSignal<Filters>(NO_FILTERS);
  const events = useSignal<readonly AuditEvent[]>([]);
  const next = useSignal<string | null>(null);
  const state = useSignal<"loading" | "shown" | Failure>("loading");
  const asked = useRef(0);

  const read = async (cursor: string | null): Promise<void> => {
    asked.current += 1;
    const mine = asked.current;
    state.value = "loading";
    try {
      const { user, kind, text, since, until } = filters.value;
      const page = await fetchAuditEvents({
        user,
        kind,
        text,
        since: utc(since),
        until: utc(until),
        limit: PAGE,
        cursor: cursor ?? "",
      });
      if (mine !== asked.current) return; // another search has begun
      events.value = cursor === null ? page.events : [...events.value, ...page.events];
      next.value = page.next;
      state.value = "shown";
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status === 401) endSession();
      if (mine === asked.current) state.value = error.failure;
    }
  };
  useEffect(() => void read(null), []);

  return (
    <main class="page">
      <Header title="Audit log" />
      <div class="audit">
        <FilterForm filters={filters.value} onChange={(changed) => (filters.value = changed)} onSearch={() => void read(null)} />
        {typeof state.value === "object" && (
          <p class="message bad" role="alert">
            <Icon name="alert" />
            <span>
              {state.value.message}
              {state.value.requestId !== "" && <small class="muted">Request {state.value.requestId}</small>}
            </span>
          </p>
        )}
        <EventTable events={events.value} />
        {state.value === "shown" && events.value.length === 0 && <p class="muted">No event matches.</p>}
        <p class="audit-foot" role="status">
          {state.value === "loading" && <span class="muted">Reading…</span>}
          {state.value === "shown" && next.value !== null && (
            <button type="button" onClick={() => void read(next.value)}>
              Older
            </button>
          )}
          {state.value === "shown" && next.value === null && events.value.length > 0 && (
            <span class="muted">That is all.</span>
          )}
        </p>
      </div>
    </main>
  );
}

function FilterForm(props: {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
  readonly onSearch: () => void;
}): JSX.Element {
  const { filters } = props;
  const change = (part: Partial<Filters>): void => props.onChange({ ...filters, ...part });
  return (
    <form
      class="filters"
      role="search"
      aria-label="Search the audit log"
      onSubmit={(event) => {
        event.preventDefault();
        props.onSearch();
      }}
    >
      {person.value?.role === "admin" && (
        <label>
          User
          <input value={filters.user} spellcheck={false} onInput={(event) => change({ user: event.currentTarget.value })} />
        </label>
      )}
      <label>
        Kind
        <select value={filters.kind} onChange={(event) => change({ kind: event.currentTarget.value })}>
          <option value="">any</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {words(kind)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Text
        <input value={filters.text} onInput={(event) => change({ text: event.currentTarget.value })} />
      </label>
      <label>
        From
        <input type="datetime-local" value={filters.since} onInput={(event) => change({ since: event.currentTarget.value })} />
      </label>
      <label>
        Until
        <input type="datetime-local" value={filters.until} onInput={(event) => change({ until: event.currentTarget.value })} />
      </label>
      <button type="submit" class="primary">
        Search
      </button>
    </form>
  );
}

function EventTable({ events }: { readonly events: readonly AuditEvent[] }): JSX.Element | null {
  if (events.length === 0) return null;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Audit events, scrollable">
      <table aria-label="Audit events">
        <thead>
          <tr>
            {["Time", "User", "Kind", "What", "Where", "Outcome", "More"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function EventRow({ event }: { readonly event: AuditEvent }): JSX.Element {
  const what = event.command !== "" ? event.command : [event.verb, event.object].filter((part) => part !== "").join(" ");
  return (
    <tr>
      <td>
        <time dateTime={event.at}>{fullTime(event.at)}</time>
      </td>
      <td>{event.user}</td>
      <td>{words(event.kind)}</td>
      <td class="what">
        <code>{what}</code>
      </td>
      <td>{[event.cluster, event.namespace].filter((part) => part !== "").join(" / ")}</td>
      <td class={tone(event.outcome)}>{words(event.outcome)}</td>
      <td>
        <details>
          <summary>Details</summary>
          <dl class="labels">
            <Detail name="Event" value={event.id} />
            <Detail name="Request" value={event.requestId} />
            <Detail name="Trace" value={event.traceId} />
            <Detail name="Object" value={event.object} />
          </dl>
          {event.detail !== "" && <pre>{event.detail}</pre>}
        </details>
      </td>
    </tr>
  );
}

function Detail({ name, value }: { readonly name: string; readonly value: string }): JSX.Element | null {
  if (value === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function words(code: string): string {
  return code.replaceAll("_", " ");
}

function tone(outcome: string): string {
  if (outcome === "applied" || outcome === "ok") return "tone ok";
  if (outcome === "failed" || outcome === "refused") return "tone bad";
  return outcome === "unknown" || outcome === "not_sent" ? "tone busy" : "";
}

/** RFC 3339 in UTC of a local date and time; empty for none. */
function utc(local: string): string {
  const moment = new Date(local);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString();
}
