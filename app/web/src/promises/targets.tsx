/** Every promise of the architecture document, by section, with what is behind it. */
import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { Icon } from "../shell/icon";
import { safeLink } from "../text/links";
import type { Target, TargetState, Verdict } from "./decode";
import { figureText, figureTexts, liveText } from "./figures";
import { type Filters, NO_FILTERS, type Section, sectionTitle, select } from "./select";

const COLUMNS = ["Promise", "Promised", "Live", "Verdict", "State"];
const NOT_MEASURED = "not measured";

export function Targets({ targets }: { readonly targets: readonly Target[] }): JSX.Element {
  const filters = useSignal<Filters>(NO_FILTERS);
  const open = useSignal<ReadonlySet<string>>(new Set());
  const sections = useMemo(() => select(targets, filters.value), [targets, filters.value]);
  const found = sections.reduce((sum, section) => sum + section.targets.length, 0);
  return (
    <>
      <FilterForm filters={filters} targets={targets} />
      <p class="muted" role="status">
        {found === targets.length ? `${found} promises` : `${found} of ${targets.length} promises match`}
        {found === 0 && (
          <button type="button" class="small" onClick={() => (filters.value = NO_FILTERS)}>
            Show all
          </button>
        )}
      </p>
      {found > 0 && (
        <table class="targets" role="table" aria-label="Promises">
          <thead role="rowgroup">
            <tr role="row">
              {COLUMNS.map((name) => (
                <th key={name} role="columnheader" scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          {sections.map((section) => (
            <SectionRows key={section.name} section={section} open={open} />
          ))}
        </table>
      )}
    </>
  );
}

function FilterForm(props: { readonly filters: Signal<Filters>; readonly targets: readonly Target[] }): JSX.Element {
  const { filters, targets } = props;
  const change = (part: Partial<Filters>): void => {
    filters.value = { ...filters.value, ...part };
  };
  const verdict = (value: Verdict): string => {
    const count = targets.filter((each) => each.verdict === value).length;
    return `${value || NOT_MEASURED} (${count})`;
  };
  const state = (value: TargetState): string => `${value} (${targets.filter((each) => each.state === value).length})`;
  return (
    <form class="filters" role="search" aria-label="Filter the promises" onSubmit={(event) => event.preventDefault()}>
      <label class="words">
        Text
        <input
          type="search"
          value={filters.value.text}
          spellcheck={false}
          onInput={(event) => change({ text: event.currentTarget.value })}
        />
      </label>
      <label>
        Verdict
        <select
          value={filters.value.verdict}
          onChange={(event) => change({ verdict: event.currentTarget.value as Filters["verdict"] })}
        >
          <option value="any">any</option>
          {(["fail", "pass", "no data", ""] as const).map((value) => (
            <option key={value} value={value}>
              {verdict(value)}
            </option>
          ))}
        </select>
      </label>
      <label>
        State
        <select
          value={filters.value.state}
          onChange={(event) => change({ state: event.currentTarget.value as Filters["state"] })}
        >
          <option value="any">any</option>
          {(["proved", "unproved", "planned"] as const).map((value) => (
            <option key={value} value={value}>
              {state(value)}
            </option>
          ))}
        </select>
      </label>
      <label>
        Order
        <select
          value={filters.value.order}
          onChange={(event) => change({ order: event.currentTarget.value as Filters["order"] })}
        >
          <option value="failing">failing first</option>
          <option value="document">as in the document</option>
        </select>
      </label>
    </form>
  );
}

function SectionRows(props: { readonly section: Section; readonly open: Signal<ReadonlySet<string>> }): JSX.Element {
  const { section, open } = props;
  const failing = section.targets.filter((target) => target.verdict === "fail").length;
  const toggle = (path: string): void => {
    const changed = new Set(open.value);
    if (!changed.delete(path)) changed.add(path);
    open.value = changed;
  };
  return (
    <tbody role="rowgroup" style={{ "--rows": section.targets.length }}>
      <tr role="row" class="section">
        <th role="rowheader" scope="rowgroup" colSpan={COLUMNS.length}>
          {sectionTitle(section.name)} <span class="muted">{section.targets.length}</span>
          {failing > 0 && <span class="tone bad">{failing} failing</span>}
        </th>
      </tr>
      {section.targets.map((target) => (
        <TargetRows key={target.path} target={target} open={open.value.has(target.path)} onToggle={toggle} />
      ))}
    </tbody>
  );
}

function TargetRows(props: {
  readonly target: Target;
  readonly open: boolean;
  readonly onToggle: (path: string) => void;
}): JSX.Element {
  const { target, open } = props;
  const { live, threshold, unit, verdict, state } = target;
  const figures = figureTexts(target.figures);
  const id = `promise-${target.path}`;
  return (
    <>
      <tr role="row" class={open ? "target open" : "target"}>
        <th role="rowheader" scope="row">
          <button
            type="button"
            class="disclose"
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            onClick={() => props.onToggle(target.path)}
          >
            <Icon name="chevron" />
            <span>{target.text}</span>
          </button>
        </th>
        <td role="cell" class="figures" data-name="Promised">
          {figures.length === 0 ? (
            <span class="muted">–</span>
          ) : (
            figures.map((figure, at) => (
              <span key={at}>
                {figure}
                {at < figures.length - 1 && ", "}
              </span>
            ))
          )}
        </td>
        <td role="cell" data-name="Live">
          {live === null ? <span class="muted">–</span> : liveText(live, threshold, unit)}
        </td>
        <td role="cell">
          <span class={VERDICT_CLASS[verdict]}>{verdict || NOT_MEASURED}</span>
        </td>
        <td role="cell" class={STATE_CLASS[state]}>
          {state}
        </td>
      </tr>
      {open && (
        <tr role="row" class="behind" id={id}>
          <td role="cell" colSpan={COLUMNS.length}>
            <Behind target={target} />
          </td>
        </tr>
      )}
    </>
  );
}

const VERDICT_CLASS: Readonly<Record<Verdict, string>> = {
  pass: "tone ok",
  fail: "tone bad",
  "no data": "tone no-data",
  "": "muted",
};
const STATE_CLASS: Readonly<Record<TargetState, string>> = { proved: "", unproved: "busy", planned: "muted" };

/** What a promise stands on: who measures, enforces, tells and shows it, and what is still to come. */
function Behind({ target }: { readonly target: Target }): JSX.Element {
  const { threshold, unit, holds, alert, planned } = target;
  return (
    <dl class="labels">
      <Fact name="Path" code={target.path} />
      <Fact name="Kind" words={target.kind} />
      <Fact name="Reason" words={target.reason} />
      <Fact name="Metric" code={target.metric} />
      <Fact name="Query" code={target.query} />
      {threshold !== null && (
        <Fact name="Holds while" words={`${holds} ${figureText({ name: "", value: threshold, unit })}`.trim()} />
      )}
      {target.verdict === "no data" && <Fact name="Waits for" words={target.waitsFor} />}
      {target.enforcedBy.length > 0 && (
        <div>
          <dt>Enforced by</dt>
          <dd>
            {target.enforcedBy.map((each, at) => (
              <code key={at}>{each}</code>
            ))}
          </dd>
        </div>
      )}
      {alert !== "" && (
        <div>
          <dt>Alert</dt>
          <dd>
            <Link address={runbook(alert)} words={alert} />
          </dd>
        </div>
      )}
      {target.panel !== "" && (
        <div>
          <dt>Panel</dt>
          <dd>
            <Link address={target.panel.startsWith("/") ? "" : target.panel} words={target.panel} />
            {target.panel.startsWith("/") && <span class="muted"> in Grafana</span>}
          </dd>
        </div>
      )}
      <Fact name="Test" code={target.test} />
      {planned !== null && (
        <Fact name="Planned" words={[planned.part, planned.reason].filter((part) => part !== "").join(": ")} />
      )}
    </dl>
  );
}

function Fact(props: { readonly name: string; readonly words?: string; readonly code?: string }): JSX.Element | null {
  const { name, words = "", code = "" } = props;
  if (words === "" && code === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{code === "" ? words : <code>{code}</code>}</dd>
    </div>
  );
}

/** A link that opens beside this page; plain text where the address may not be followed. */
function Link({ address, words }: { readonly address: string; readonly words: string }): JSX.Element {
  const href = safeLink(address, location.origin);
  if (href === null) return <code>{words}</code>;
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {words}
      <Icon name="external" />
    </a>
  );
}

/** Where an alert's runbook is; none for what is no alert's name. */
function runbook(alert: string): string {
  return /^[A-Za-z][A-Za-z0-9]*$/.test(alert) ? `/runbooks/${alert}` : "";
}
