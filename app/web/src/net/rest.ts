/**
 * The REST routes of the gateway. Every failure becomes a RequestError with a sentence for the person; nothing else
 * is thrown.
 */
import {
  decodeAlerts,
  decodeAuditEvents,
  decodeChatSession,
  decodeChatSessions,
  decodeClusters,
  decodeContexts,
  decodeErrorBody,
  decodeMessages,
  decodePage,
  decodePerson,
  decodeWaiting,
} from "../protocol/decode";
import type { Alert, AuditEvent, ChatSession, Cluster, Failure, KubeContext, Message, Person, TableAnswer, Waiting } from "../protocol/events";
import { learnClock } from "./clock";

const DEADLINE_MS = 30_000;

/** A request that was refused, or that reached nobody (status 0). */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    readonly failure: Failure,
  ) {
    super(failure.message);
    this.name = "RequestError";
  }
}

/** Who is signed in; null when nobody is. */
export async function fetchMe(): Promise<Person | null> {
  try {
    return decodePerson(await request("GET", "/me"));
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) return null;
    throw error;
  }
}

export async function signIn(user: string, password: string): Promise<Person> {
  return decodePerson(await request("POST", "/sign-in", { user, password }));
}

export async function signOut(): Promise<void> {
  await request("POST", "/sign-out");
}

export async function changePassword(current: string, replacement: string): Promise<void> {
  await request("POST", "/me/password", { current, new: replacement });
}

export async function fetchClusters(): Promise<readonly Cluster[]> {
  return decodeClusters(await request("GET", "/clusters"));
}

/** The contexts of a kubeconfig; administrators only. Nothing of it is kept. */
export async function fetchContexts(kubeconfig: string): Promise<{ contexts: readonly KubeContext[]; current: string }> {
  return decodeContexts(await request("POST", "/clusters/contexts", { kubeconfig }));
}

/** Add one context of a kubeconfig under a name; administrators only. */
export async function addCluster(name: string, context: string, kubeconfig: string): Promise<void> {
  await request("POST", "/clusters", { name, context, kubeconfig });
}

/** Forget a cluster that was added; administrators only. */
export async function removeCluster(name: string): Promise<void> {
  await request("DELETE", `/clusters/${encodeURIComponent(name)}`);
}

export async function fetchChatSessions(): Promise<readonly ChatSession[]> {
  return decodeChatSessions(await request("GET", "/chat-sessions"));
}

export async function startChatSession(): Promise<ChatSession> {
  return decodeChatSession(await request("POST", "/chat-sessions", {}));
}

/** Rename a conversation, or move it to another cluster or namespace. */
export async function changeChatSession(
  id: string,
  change: { title: string } | { cluster: string; namespace: string },
): Promise<void> {
  await request("PATCH", `/chat-sessions/${encodeURIComponent(id)}`, change);
}

export async function deleteChatSession(id: string): Promise<void> {
  await request("DELETE", `/chat-sessions/${encodeURIComponent(id)}`);
}

/** A page of messages, oldest first: the newest before `before`, or those after `after`. */
export async function fetchMessages(
  id: string,
  where: { before?: number; after?: number; limit: number },
): Promise<{ messages: readonly Message[]; next: number | null }> {
  return decodeMessages(await request("GET", `/chat-sessions/${encodeURIComponent(id)}/messages${query(where)}`));
}

export async function fetchAlerts(): Promise<readonly Alert[]> {
  return decodeAlerts(await request("GET", "/alerts"));
}

export async function fetchAuditEvents(
  filters: Readonly<Record<string, string | number | undefined>>,
): Promise<{ events: readonly AuditEvent[]; next: string | null }> {
  return decodeAuditEvents(await request("GET", `/audit/events${query(filters)}`));
}

/** Plans that wait for a second person: those that this person may decide on, and their own. */
export async function fetchWaiting(): Promise<readonly Waiting[]> {
  return decodeWaiting(await request("GET", "/approvals"));
}

/** Approve or deny somebody else's plan, by the digest of what was seen. */
export async function decideOn(plan: string, digest: string, decision: "approve" | "deny", reason: string): Promise<void> {
  await request("POST", `/plans/${encodeURIComponent(plan)}/${decision}`, { digest, reason });
}

const NAMES_CLUSTERS = /\s--(?:context|all-clusters)\b/;

/** A page's table, and what is to be said of it: a cluster that did not answer, for one. */
export interface Page {
  readonly table: TableAnswer;
  readonly notes: string;
}

/** The page behind one of a table's pages, read as the person now; null where there is nothing behind it. */
export async function fetchPage(first: TableAnswer, page: TableAnswer): Promise<Page | null> {
  const { command: line, namespace, view } = first;
  const cluster = NAMES_CLUSTERS.test(line) ? "" : first.cluster; // what is shown of several names none
  const found = decodePage(await request("POST", "/commands", { line, cluster, namespace, view, page: page.next }));
  return found === null ? null : { ...found, table: { ...found.table, command: line } }; // with its cluster, as here
}

function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== "") parameters.set(name, String(value));
  }
  const encoded = parameters.toString();
  return encoded === "" ? "" : `?${encoded}`;
}

/** One request to a route below `/api/v1`; gives the answer's JSON, null when it has none. */
export async function request(method: string, path: string, payload?: unknown): Promise<unknown> {
  const init: RequestInit = { method, signal: AbortSignal.timeout(DEADLINE_MS) };
  if (payload !== undefined) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(payload);
  }
  let response: Response;
  let body: string;
  try {
    response = await fetch(`/api/v1${path}`, init);
    body = await response.text();
  } catch {
    throw new RequestError(0, unreachable());
  }
  learnClock(response.headers.get("date"), Date.now());
  const value = parse(body);
  if (!response.ok) {
    const requestId = response.headers.get("x-request-id") ?? "";
    throw new RequestError(response.status, decodeErrorBody(value) ?? unexplained(response.status, requestId));
  }
  return value;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function unreachable(): Failure {
  return {
    type: "error",
    code: "unreachable",
    message: "KubeChat does not answer. Check the network; this page tries again by itself.",
    requestId: "",
    retryable: true,
  };
}

function unexplained(status: number, requestId: string): Failure {
  return {
    type: "error",
    code: "unexplained",
    message: `KubeChat answered with status ${status} and no explanation.`,
    requestId,
    retryable: status >= 500,
  };
}
