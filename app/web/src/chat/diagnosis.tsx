/** What is wrong, worst first: each cause with its evidence folded, and what would fix it as a message to send. */
import type { JSX } from "preact";
import type { DiagnosisAnswer, DiagnosisCause } from "../protocol/events";
import { Icon } from "../shell/icon";
import { say } from "../state/chats";
import { CommandLine } from "./command";
import { Place } from "./place";

const WORDS = { critical: "Critical", warning: "Warning", info: "Note" } as const;

export function DiagnosisCard({ diagnosis }: { readonly diagnosis: DiagnosisAnswer }): JSX.Element {
  return (
    <section class="card diagnosis" aria-label={`Diagnosis: ${diagnosis.summary}`}>
      <header>
        <h2>
          <Icon name={diagnosis.causes.length === 0 ? "check" : "alert"} />
          {diagnosis.summary}
        </h2>
        <Place cluster={diagnosis.cluster} namespace={diagnosis.namespace} />
      </header>
      {diagnosis.causes.length > 0 && (
        <ol class="causes">
          {diagnosis.causes.map((cause) => (
            <CauseView key={cause.rank} cause={cause} everywhere={diagnosis.namespace === ""} />
          ))}
        </ol>
      )}
      {diagnosis.notLookedAt.length > 0 && (
        <div class="muted not-looked-at">
          <h3>Not looked at</h3>
          <ul>
            {diagnosis.notLookedAt.map((gap) => (
              <li key={gap}>{gap}</li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}

function CauseView({ cause, everywhere }: { readonly cause: DiagnosisCause; readonly everywhere: boolean }): JSX.Element {
  return (
    <li class={`cause ${cause.severity}`}>
      <p>
        <span class="tag">{WORDS[cause.severity]}</span> <strong>{cause.cause}</strong>
        {everywhere && cause.namespace !== "" && <span class="muted"> in {cause.namespace}</span>}
      </p>
      {cause.explains.map((sentence) => (
        <p key={sentence} class="muted">
          Because of it: {sentence}
        </p>
      ))}
      {cause.changes.map((sentence) => (
        <p key={sentence} class="muted">
          Changed: {sentence}
        </p>
      ))}
      {cause.evidence.length > 0 && (
        <details>
          <summary>{cause.evidence.length === 1 ? "1 fact" : `${cause.evidence.length} facts`}</summary>
          <ul>
            {cause.evidence.map((fact, index) => (
              <li key={index}>
                {fact.text} <span class="muted">({fact.source})</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {cause.advice !== "" && <p>{cause.advice}</p>}
      {cause.fixes.map((line) => (
        <p key={line} class="fix">
          <CommandLine line={line} />
          <button type="button" onClick={() => void say(line)} aria-label={`Preview: ${line}`}>
            Preview this fix…
          </button>
        </p>
      ))}
      {cause.look.length > 0 && (
        <p class="choices">
          {cause.look.map((line) => (
            <button key={line} type="button" class="choice" onClick={() => void say(line)}>
              {line}
            </button>
          ))}
        </p>
      )}
    </li>
  );
}
