/**
 * Turns what the gateway sends into the types of `events.ts`, cleaned for display.
 *
 * Lenient where a field is missing, strict about types: a component never has to ask whether a string is one. A frame
 * of a kind this version does not know is null, and is passed over.
 */
import { cleanDeep } from "../text/clean";
import type {
  Alert,
  AuditEvent,
  ChatSession,
  Chunk,
  Cluster,
  Column,
  Delta,
  DiagnosisCause,
  Failure,
  HistoryEvent,
  KubeContext,
  Incoming,
  LiveRow,
  LiveUpdate,
  Message,
  OutcomeState,
  Person,
  Progress,
  Role,
  Step,
  TableAnswer,
  TurnState,
  Waiting,
} from "./events";

type Fields = Readonly<Record<string, unknown>>;

const OUTCOMES: readonly OutcomeState[] = [
  "applied",
  "failed",
  "not_sent",
  "unknown",
  "refused",
  "cancelled",
  "expired",
];

/** One frame of the WebSocket; null when it is not JSON or of an unknown type. */
export function decodeFrame(data: string): Incoming | null {
  let raw: unknown;
  try {
    raw = JSON.parse(data);
  } catch {
    return null;
  }
  const fields = asFields(cleanDeep(raw));
  switch (fields["type"]) {
    case "hello":
      return {
        kind: "hello",
        hello: {
          type: "hello",
          person: decodePerson(fields),
          clusters: strings(fields["clusters"], "name"),
          cluster: text(fields["cluster"]),
          namespace: text(fields["namespace"]),
          language: fields["language"] !== false,
          alerts: list(fields["alerts"]).map(decodeAlert),
        },
      };
    case "notice":
      return {
        kind: "notice",
        notice: {
          type: "notice",
          level: fields["level"] === "warning" ? "warning" : "info",
          code: text(fields["code"]),
          text: text(fields["text"]),
          language: typeof fields["language"] === "boolean" ? fields["language"] : null,
        },
      };
    case "approvals":
      return { kind: "approvals" };
    case "live":
      return { kind: "live", update: decodeLive(fields) };
    case "alert":
      return { kind: "alert", alert: decodeAlert(fields["alert"]) };
    default:
      return decodeTurnFrame(fields);
  }
}

function decodeTurnFrame(fields: Fields): Incoming | null {
  const turn = text(fields["turn"]);
  if (turn === "") return fields["type"] === "error" ? { kind: "failure", failure: decodeFailure(fields) } : null;
  const event = decodeMoment(fields) ?? decodeHistory(fields);
  return event === null ? null : { kind: "turn", of: { turn, chatSession: text(fields["chat_session"]), event } };
}

function decodeMoment(fields: Fields): TurnState | Progress | Chunk | Delta | null {
  switch (fields["type"]) {
    case "turn":
      return {
        type: "turn",
        state: fields["state"] === "done" ? "done" : "started",
        stopped: fields["stopped"] === true,
        requestId: text(fields["request_id"]),
        traceId: text(fields["trace_id"]),
        durationS: typeof fields["duration_s"] === "number" ? fields["duration_s"] : null,
      };
    case "progress":
      return decodeProgress(fields);
    case "chunk":
      return {
        type: "chunk",
        command: text(fields["command"]),
        cluster: text(fields["cluster"]),
        text: text(fields["text"]),
        notes: text(fields["notes"]),
      };
    case "delta":
      return { type: "delta", text: text(fields["text"]), model: text(fields["model"]) };
    default:
      return null;
  }
}

function decodeProgress(fields: Fields): Progress {
  return {
    type: "progress",
    plan: text(fields["plan"]),
    step: count(fields["step"]),
    text: text(fields["text"]),
    job: fields["job"] === true,
  };
}

function decodeHistory(fields: Fields): HistoryEvent | null {
  switch (fields["type"]) {
    case "say":
      return { type: "say", text: text(fields["text"]) };
    case "reading":
      return {
        type: "reading",
        text: text(fields["text"]),
        commands: strings(fields["commands"]),
        confidence: count(fields["confidence"]),
      };
    case "text":
      return {
        type: "text",
        text: text(fields["text"]),
        markdown: fields["format"] === "markdown",
        cluster: textOrNull(fields["cluster"]),
        namespace: textOrNull(fields["namespace"]),
        model: fields["by"] === "model" ? text(fields["model"]) : null,
      };
    case "model":
      return {
        type: "model",
        model: text(fields["model"]),
        reads: count(fields["reads"]),
        tokens: count(fields["tokens"]),
        tokensToday: count(fields["tokens_today"]),
        tokensPerDay: typeof fields["tokens_per_day"] === "number" ? fields["tokens_per_day"] : null,
      };
    case "table":
      return decodeTable(fields);
    case "output":
      return {
        type: "output",
        command: text(fields["command"]),
        cluster: text(fields["cluster"]),
        text: text(fields["text"]),
        language: text(fields["language"]),
        truncated: fields["truncated"] === true,
        notes: text(fields["notes"]),
        byModel: fields["by"] === "model",
      };
    case "diagnosis":
      return {
        type: "diagnosis",
        command: text(fields["command"]),
        cluster: text(fields["cluster"]),
        namespace: text(fields["namespace"]),
        target: text(fields["target"]),
        summary: text(fields["summary"]),
        causes: list(fields["causes"]).map(decodeCause),
        notLookedAt: strings(fields["not_looked_at"]),
      };
    case "question":
      return { type: "question", text: text(fields["text"]), choices: strings(fields["choices"]) };
    case "preview":
      return {
        type: "preview",
        plan: text(fields["plan"]),
        digest: text(fields["digest"]),
        expiresAt: text(fields["expires_at"]),
        // A risk that this version does not know is shown as the graver one.
        risk: fields["risk"] === "change" ? "change" : "destructive",
        typedName: textOrNull(fields["typed_name"]),
        steps: list(fields["steps"]).map(decodeStep),
        consequences: strings(fields["consequences"]),
        approval: decodeDemand(fields["approval"]),
      };
    case "progress":
      return decodeProgress(fields);
    case "approval":
      return {
        type: "approval",
        plan: text(fields["plan"]),
        // A decision that this version does not know must not open the way.
        state: fields["state"] === "approved" ? "approved" : "denied",
        by: text(fields["by"]),
        reason: text(fields["reason"]),
        expiresAt: text(fields["expires_at"]),
      };
    case "outcome":
      return {
        type: "outcome",
        plan: text(fields["plan"]),
        // A state that this version does not know must not read as success.
        state: OUTCOMES.find((state) => state === fields["state"]) ?? "unknown",
        text: text(fields["text"]),
        events: strings(fields["events"]),
        undo: fields["undo"] === true,
      };
    case "error":
      return decodeFailure(fields);
    default:
      return null;
  }
}

function decodeCause(value: unknown, index: number): DiagnosisCause {
  const fields = asFields(value);
  const severity = fields["severity"];
  return {
    rank: index + 1,
    // One that this version does not know must not look harmless.
    severity: severity === "info" || severity === "warning" ? severity : "critical",
    object: text(fields["object"]),
    namespace: text(fields["namespace"]),
    cause: text(fields["cause"]),
    evidence: list(fields["evidence"]).map((item) => {
      const fact = asFields(item);
      return { text: text(fact["text"]), source: text(fact["source"]) };
    }),
    explains: strings(fields["explains"]),
    changes: strings(fields["changes"]),
    fixes: strings(fields["fixes"]),
    advice: text(fields["advice"]),
    look: strings(fields["look"]),
  };
}

/** The table among the events of `/commands`, and what is noted beside it; null where there is no table. */
export function decodePage(value: unknown): { table: TableAnswer; notes: string } | null {
  const events = list(asFields(cleanDeep(value))["events"]).map(asFields);
  const table = events.find((event) => event["type"] === "table");
  const notes = events.filter((event) => event["type"] === "output").map((event) => text(event["notes"]));
  return table === undefined ? null : { table: decodeTable(table), notes: notes.join("").trim() };
}

function decodeTable(fields: Fields): TableAnswer {
  const columns = list(fields["columns"]).map(decodeColumn);
  const rows = list(fields["rows"]).map((row) => {
    const cells = list(row);
    return columns.map((_, index) => cell(cells[index]));
  });
  return {
    type: "table",
    command: text(fields["command"]),
    cluster: text(fields["cluster"]),
    namespace: text(fields["namespace"]),
    columns,
    rows,
    total: typeof fields["total"] === "number" ? fields["total"] : rows.length,
    shown: typeof fields["shown"] === "number" ? fields["shown"] : rows.length,
    ageS: count(fields["age_s"]),
    first: count(fields["first"]),
    next: text(fields["next"]),
    view: isFields(fields["view"]) ? fields["view"] : {},
    live: isFields(fields["live"]) ? fields["live"] : null,
    byModel: fields["by"] === "model",
  };
}

function decodeLive(fields: Fields): LiveUpdate {
  const columns = list(fields["columns"]).map(decodeColumn);
  return {
    id: text(fields["id"]),
    whole: Array.isArray(fields["rows"]) ? { columns, rows: list(fields["rows"]).map(decodeLiveRow) } : null,
    changed: list(fields["changed"]).map(decodeLiveRow),
    removed: strings(fields["removed"]),
    total: count(fields["total"]),
    ended: textOrNull(fields["ended"]),
    message: text(fields["message"]),
  };
}

function decodeLiveRow(value: unknown): LiveRow {
  const [key, cells] = list(value);
  return [text(key), list(cells).map(cell)];
}

/** A page of a conversation's history, and where the one before it ends. */
export function decodeMessages(value: unknown): { messages: readonly Message[]; next: number | null } {
  const fields = asFields(cleanDeep(value));
  const messages = list(fields["messages"]).flatMap((item): Message[] => {
    const message = asFields(item);
    const event = decodeHistory(asFields(message["event"]));
    if (event === null) return [];
    return [
      {
        seq: count(message["seq"]),
        turn: text(message["turn"]),
        at: text(message["at"]),
        role: message["role"] === "person" ? "person" : "kubechat",
        event,
      },
    ];
  });
  return { messages, next: typeof fields["next"] === "number" ? fields["next"] : null };
}

/** The signed-in person, from `/me`, `/sign-in` or `hello`. */
export function decodePerson(value: unknown): Person {
  const fields = asFields(cleanDeep(value));
  const user = text(fields["user"]);
  const role: Role = fields["role"] === "admin" || fields["role"] === "operator" ? fields["role"] : "viewer";
  return { user, displayName: text(fields["display_name"]) || user, role };
}

/** The conversations of `/chat-sessions`. */
export function decodeChatSessions(value: unknown): readonly ChatSession[] {
  return list(asFields(cleanDeep(value))["sessions"]).map(decodeChatSession);
}

/** One conversation. */
export function decodeChatSession(value: unknown): ChatSession {
  const fields = asFields(cleanDeep(value));
  return {
    id: text(fields["id"]),
    title: text(fields["title"]),
    createdAt: text(fields["created_at"]),
    updatedAt: text(fields["updated_at"]),
    cluster: text(fields["cluster"]),
    namespace: text(fields["namespace"]),
  };
}

/** The clusters of `/clusters`. */
export function decodeClusters(value: unknown): readonly Cluster[] {
  return list(asFields(cleanDeep(value))["clusters"]).map((item) => {
    const fields = asFields(item);
    return {
      name: text(fields["name"]),
      version: text(fields["version"]),
      state: text(fields["state"]),
      reason: text(fields["reason"]),
      namespaces: strings(fields["namespaces"]),
      answeredAt: textOrNull(fields["answered_at"]),
      latencyS: numberOrNull(fields["latency_s"]),
      breakerOpen: fields["breaker"] === "open",
      nextTryS: numberOrNull(fields["next_try_s"]) ?? 0,
      added: fields["added"] === true,
    };
  });
}

/** The contexts of `/clusters/contexts`, and the current one. */
export function decodeContexts(value: unknown): { contexts: readonly KubeContext[]; current: string } {
  const fields = asFields(cleanDeep(value));
  const contexts = list(fields["contexts"]).map((item) => {
    const each = asFields(item);
    return { name: text(each["name"]), server: text(each["server"]), fault: text(each["fault"]) };
  });
  return { contexts, current: text(fields["current"]) };
}

/** The alerts of `/alerts`. */
export function decodeAlerts(value: unknown): readonly Alert[] {
  return list(asFields(cleanDeep(value))["alerts"]).map(decodeAlert);
}

/** A page of `/audit/events`, and the cursor of the next. */
export function decodeAuditEvents(value: unknown): { events: readonly AuditEvent[]; next: string | null } {
  const fields = asFields(cleanDeep(value));
  return { events: list(fields["events"]).map(decodeAuditEvent), next: textOrNull(fields["next"]) };
}

/** The plans of `/approvals`. */
export function decodeWaiting(value: unknown): readonly Waiting[] {
  return list(asFields(cleanDeep(value))["approvals"]).map((item) => {
    const fields = asFields(item);
    return {
      plan: text(fields["plan"]),
      digest: text(fields["digest"]),
      by: text(fields["display_name"]) || text(fields["by"]),
      yours: fields["yours"] === true,
      expiresAt: text(fields["expires_at"]),
      risk: fields["risk"] === "change" ? "change" : "destructive",
      steps: list(fields["steps"]).map(decodeStep),
      consequences: strings(fields["consequences"]),
    };
  });
}

/** Who has to approve; null where nobody has to. */
function decodeDemand(value: unknown): readonly (readonly string[])[] | null {
  if (value === null || value === undefined) return null;
  return list(asFields(value)["by"]).map((rule) => strings(rule));
}

/** The error body that every route answers with; null when it is not one. */
export function decodeErrorBody(value: unknown): Failure | null {
  const error = asFields(cleanDeep(value))["error"];
  return error === undefined ? null : decodeFailure(asFields(error));
}

function decodeFailure(fields: Fields): Failure {
  return {
    type: "error",
    code: text(fields["code"]),
    message: text(fields["message"]),
    requestId: text(fields["request_id"]),
    retryable: fields["retryable"] === true,
  };
}

function decodeAlert(value: unknown): Alert {
  const fields = asFields(value);
  return {
    fingerprint: text(fields["fingerprint"]),
    name: text(fields["name"]),
    state: fields["state"] === "resolved" ? "resolved" : "firing",
    severity: text(fields["severity"]),
    summary: text(fields["summary"]),
    description: text(fields["description"]),
    runbookUrl: text(fields["runbook_url"]),
    dashboardUrl: text(fields["dashboard_url"]),
    startsAt: text(fields["starts_at"]),
    endsAt: textOrNull(fields["ends_at"]),
    labels: Object.fromEntries(Object.entries(asFields(fields["labels"])).map(([key, item]) => [key, text(item)])),
  };
}

function decodeStep(value: unknown): Step {
  const fields = asFields(value);
  return {
    command: text(fields["command"]),
    cluster: text(fields["cluster"]),
    namespace: text(fields["namespace"]),
    object: text(fields["object"]),
    summary: text(fields["summary"]),
    before: cell(fields["before"]),
    after: cell(fields["after"]),
    diff: text(fields["diff"]),
    dryRun: text(fields["dry_run"]),
  };
}

function decodeColumn(value: unknown): Column {
  const fields = asFields(value);
  return { name: text(fields["name"]), type: text(fields["type"]), priority: count(fields["priority"]) };
}

function decodeAuditEvent(value: unknown): AuditEvent {
  const fields = asFields(value);
  const detail = asFields(fields["detail"]);
  return {
    id: text(fields["event_id"]),
    at: text(fields["timestamp"]),
    kind: text(fields["kind"]),
    user: text(fields["user_name"]) || text(fields["user_id"]),
    requestId: text(fields["request_id"]),
    traceId: text(fields["trace_id"]),
    cluster: text(fields["cluster"]),
    namespace: text(fields["namespace"]),
    verb: text(fields["verb"]),
    object: [text(fields["resource"]), text(fields["name"])].filter((part) => part !== "").join("/"),
    command: text(fields["command"]),
    outcome: text(fields["outcome"]),
    detail: Object.keys(detail).length === 0 ? "" : JSON.stringify(detail, null, 2),
  };
}

function asFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function strings(value: unknown, field = ""): readonly string[] {
  return list(value).map((item) => text(typeof item === "string" ? item : asFields(item)[field]));
}

/** A table's cell, or a value before and after a change, as one string. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
