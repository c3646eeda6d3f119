/** Which clusters there are and how they are; administrators add and remove some. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { fetchClusters, removeCluster, RequestError } from "../net/rest";
import { usePolled } from "../net/polling";
import type { Cluster, Failure } from "../protocol/events";
import { Dialog } from "../shell/dialog";
import { Header } from "../shell/header";
import { Icon, IconButton } from "../shell/icon";
import { takeClusters } from "../state/chats";
import { endSession, person } from "../state/store";
import { fullTime, took } from "../text/time";
import { AddDialog } from "./add";
import "../style/clusters.css";

const EVERY_MS = 15_000;
const KNOWN_EVERYWHERE_MS = 6_000; // another replica may answer, and hears within five seconds of what was changed

interface Known {
  readonly clusters: readonly Cluster[] | null;
  /** Why `clusters` is not of this moment. */
  readonly away: Failure | null;
}

export function ClustersPage(): JSX.Element {
  const { answer, again } = usePolled<Known>({ clusters: null, away: null }, EVERY_MS, ask);
  const adding = useSignal(false);
  const removing = useSignal<string | null>(null);
  const { clusters, away } = answer.value;
  const changed = (): void => {
    again();
    setTimeout(again, KNOWN_EVERYWHERE_MS);
  };
  const admin = person.value?.role === "admin";
  return (
    <main class="page" aria-busy={clusters === null && away === null}>
      <Header title="Clusters" />
      <div class="clusters">
        <div class="clusters-head">
          <p class="muted" role="status">
            {clusters === null ? (away === null ? "Asking the clusters…" : "") : summary(clusters)}
          </p>
          {admin && (
            <button type="button" class="primary" onClick={() => (adding.value = true)}>
              <Icon name="plus" /> Add clusters
            </button>
          )}
        </div>
        {away !== null && (
          <p class="message info" role="status">
            <Icon name="info" />
            <span>
              {away.message}
              {away.requestId !== "" && <small class="muted">Request {away.requestId}</small>}
            </span>
          </p>
        )}
        {clusters !== null && (
          <ClusterTable clusters={clusters} onRemove={admin ? (name) => (removing.value = name) : null} />
        )}
      </div>
      {adding.value && <AddDialog onAdded={changed} onClose={() => (adding.value = false)} />}
      {removing.value !== null && (
        <RemoveDialog name={removing.value} onRemoved={changed} onClose={() => (removing.value = null)} />
      )}
    </main>
  );
}

async function ask(before: Known): Promise<Known> {
  try {
    const clusters = await fetchClusters();
    takeClusters(clusters);
    return { clusters, away: null };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.status === 401) endSession();
    return { ...before, away: error.failure };
  }
}

function summary(clusters: readonly Cluster[]): string {
  const ready = clusters.filter((each) => each.state === "ready").length;
  const all = clusters.length === 1 ? "1 cluster" : `${clusters.length} clusters`;
  return ready === clusters.length ? `${all}, all ready` : `${all}, ${ready} ready`;
}

function ClusterTable(props: {
  readonly clusters: readonly Cluster[];
  readonly onRemove: ((name: string) => void) | null;
}): JSX.Element {
  const { clusters, onRemove } = props;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Clusters, scrollable">
      <table aria-label="Clusters">
        <thead>
          <tr>
            {["Cluster", "Health", "Version", "Latency", "Breaker", "Last answer", "From"].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            {onRemove !== null && (
              <th scope="col">
                <span class="visually-hidden">Remove</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {clusters.map((each) => (
            <tr key={each.name}>
              <th scope="row">{each.name}</th>
              <td class="health">
                <span class={each.state === "ready" ? "tone ok" : "tone bad"}>{stateOf(each)}</span>
                {each.reason !== "" && <small class="muted">{each.reason}</small>}
              </td>
              <td>{each.version || "–"}</td>
              <td class="number">{each.latencyS === null ? "–" : took(each.latencyS)}</td>
              <td>
                {each.breakerOpen ? (
                  <span class="tone busy">open, next try in {Math.ceil(each.nextTryS)} s</span>
                ) : (
                  "closed"
                )}
              </td>
              <td>{each.answeredAt === null ? "never" : <time dateTime={each.answeredAt}>{fullTime(each.answeredAt)}</time>}</td>
              <td>{each.added ? "an administrator" : "the kubeconfig"}</td>
              {onRemove !== null && (
                <td class="row-actions">
                  {each.added && <IconButton icon="trash" label={`Remove ${each.name}`} onClick={() => onRemove(each.name)} />}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function stateOf(cluster: Cluster): string {
  return cluster.state === "ready" ? "ready" : cluster.state.replace(/^cluster_/, "").replaceAll("_", " ");
}

function RemoveDialog(props: {
  readonly name: string;
  readonly onRemoved: () => void;
  readonly onClose: () => void;
}): JSX.Element {
  const busy = useSignal(false);
  const problem = useSignal("");
  const remove = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    problem.value = "";
    try {
      await removeCluster(props.name);
      props.onRemoved();
      props.onClose();
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status === 401) endSession();
      problem.value = error.failure.message;
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog label="Remove cluster" onClose={props.onClose}>
      <h2>Remove {props.name}?</h2>
      <p>KubeChat forgets it and its credentials, for everybody. Nothing on the cluster changes.</p>
      {problem.value !== "" && (
        <p class="message bad" role="alert">
          {problem.value}
        </p>
      )}
      <div class="actions">
        <button type="button" class="danger" aria-disabled={busy.value} onClick={() => void remove()}>
          Remove
        </button>
        <button type="button" onClick={props.onClose}>
          Keep
        </button>
      </div>
    </Dialog>
  );
}
