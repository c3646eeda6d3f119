/** How the promises of the architecture stand at this moment. */
import type { JSX } from "preact";
import { Header } from "../shell/header";
import { Icon } from "../shell/icon";
import { fullTime } from "../text/time";
import { type Answers, EVERY_MS, useAnswers } from "./ask";
import { Facts, Objectives } from "./objectives";
import { Targets } from "./targets";
import "../style/promises.css";

export function PromisesPage(): JSX.Element {
  const answers = useAnswers();
  const { shown } = answers.value;
  return (
    <main class="page" aria-busy={shown === null && answers.value.away === null}>
      <Header title="Promises" />
      <div class="promises">
        <Away answers={answers.value} />
        {shown === null && answers.value.away === null && (
          <p class="muted" role="status">
            Reading…
          </p>
        )}
        {shown !== null && (
          <>
            <Facts promises={shown} />
            <section aria-labelledby="promises-budgets">
              <div class="section-head">
                <h2 id="promises-budgets">Error budgets</h2>
                <p class="muted">
                  As of <Moment iso={shown.asOf} />, asked again every {EVERY_MS / 1000}&nbsp;s
                </p>
              </div>
              <Objectives objectives={shown.objectives} />
            </section>
            <section aria-labelledby="promises-all">
              <h2 id="promises-all">All promises</h2>
              <Targets targets={shown.targets} />
            </section>
          </>
        )}
      </div>
    </main>
  );
}

/** One calm line while what is shown is not of this moment. */
function Away({ answers: { shown, away } }: { readonly answers: Answers }): JSX.Element | null {
  if (away === null) return null;
  const requestId = away === "prometheus" ? "" : away.requestId;
  return (
    <p class="message info" role="status">
      <Icon name="info" />
      <span>
        {away === "prometheus" ? "Prometheus does not answer at the moment." : away.message}{" "}
        {shown !== null && (shown.prometheus || away !== "prometheus") && (
          <>
            {away === "prometheus" ? "What is measured is of" : "What is shown is of"} <Moment iso={shown.asOf} />.
          </>
        )}
        {shown !== null && !shown.prometheus && away === "prometheus" && "Until it does, nothing is measured."}
        {requestId !== "" && <small class="muted">Request {requestId}</small>}
      </span>
    </p>
  );
}

function Moment({ iso }: { readonly iso: string }): JSX.Element {
  return <time dateTime={iso}>{fullTime(iso)}</time>;
}
