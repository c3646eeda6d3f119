/**
 * The words that browser and gateway exchange, as docs/architecture.md writes them.
 *
 * Types only: what comes in passes `decode.ts` first, so that no component meets a shape that is not one of these.
 */

export type Role = "viewer" | "operator" | "admin";

export interface Person {
  readonly user: string;
  readonly displayName: string;
  readonly role: Role;
}

export interface Cluster {
  readonly name: string;
  readonly version: string;
  /** `ready`, or the code of what is wrong. */
  readonly state: string;
  readonly reason: string;
  readonly namespaces: readonly string[];
  /** What the replica that answered has seen of it; null for never. */
  readonly answeredAt: string | null;
  readonly latencyS: number | null;
  /** Whether it is left alone for a while after it did not answer. */
  readonly breakerOpen: boolean;
  readonly nextTryS: number;
  /** Whether an administrator added it, so that one can remove it. */
  readonly added: boolean;
}

/** A context of a kubeconfig that was pasted. */
export interface KubeContext {
  readonly name: string;
  readonly server: string;
  /** What is wrong with it; empty where it can be added. */
  readonly fault: string;
}

export interface ChatSession {
  readonly id: string;
  readonly title: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly cluster: string;
  readonly namespace: string;
}

export interface Alert {
  readonly fingerprint: string;
  readonly name: string;
  readonly state: "firing" | "resolved";
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
  readonly runbookUrl: string;
  readonly dashboardUrl: string;
  readonly startsAt: string;
  readonly endsAt: string | null;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  /** 0 is always shown; anything higher only when wide columns are asked for. */
  readonly priority: number;
}

export interface Say {
  readonly type: "say";
  readonly text: string;
}

export interface Reading {
  readonly type: "reading";
  readonly text: string;
  readonly commands: readonly string[];
  /** 0 to 1. */
  readonly confidence: number;
}

export interface TextAnswer {
  readonly type: "text";
  readonly text: string;
  readonly markdown: boolean;
  /** Set when the conversation moved there. */
  readonly cluster: string | null;
  readonly namespace: string | null;
  /** The language model whose words these are; null for KubeChat's own. */
  readonly model: string | null;
}

/** What a language model took part in, and what it cost. */
export interface ModelPart {
  readonly type: "model";
  readonly model: string;
  /** How many reads it had run. */
  readonly reads: number;
  readonly tokens: number;
  readonly tokensToday: number;
  /** What this person may spend on a day; null for no limit. */
  readonly tokensPerDay: number | null;
}

/** More of what a language model says; its whole comes as a `text` when it has ended. */
export interface Delta {
  readonly type: "delta";
  readonly text: string;
  readonly model: string;
}

export interface TableAnswer {
  readonly type: "table";
  readonly command: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  readonly total: number;
  readonly shown: number;
  /** For how many seconds it had been known when it was shown. */
  readonly ageS: number;
  /** How many rows come before the first of these. */
  readonly first: number;
  /** What asks for the next page, empty where there is none; and what was chosen of it, as the gateway wants it back. */
  readonly next: string;
  readonly view: Readonly<Record<string, unknown>>;
  /** What was chosen of it, as the gateway wants it back; null for a table that cannot stay current. */
  readonly live: Readonly<Record<string, unknown>> | null;
  /** Whether a language model had it read. */
  readonly byModel: boolean;
}

/** What has changed in a table that is kept current. */
export interface LiveUpdate {
  readonly id: string;
  readonly whole: { readonly columns: readonly Column[]; readonly rows: readonly LiveRow[] } | null;
  readonly changed: readonly LiveRow[];
  readonly removed: readonly string[];
  readonly total: number;
  /** Why nothing more will come; null while it goes on. */
  readonly ended: string | null;
  readonly message: string;
}

/** A row's key, and its cells. */
export type LiveRow = readonly [string, readonly string[]];

export interface OutputAnswer {
  readonly type: "output";
  readonly command: string;
  readonly cluster: string;
  readonly text: string;
  readonly language: string;
  readonly truncated: boolean;
  /** What kubectl writes beside it: which container was taken, that there is nothing, what was refused. */
  readonly notes: string;
  /** Whether a language model had it read. */
  readonly byModel: boolean;
}

export type Severity = "critical" | "warning" | "info";

/** One cause of what is wrong. */
export interface DiagnosisCause {
  readonly rank: number;
  readonly severity: Severity;
  readonly object: string;
  readonly namespace: string;
  readonly cause: string;
  readonly evidence: readonly { readonly text: string; readonly source: string }[];
  /** What is wrong because of it. */
  readonly explains: readonly string[];
  /** What was changed about it lately, and by whom. */
  readonly changes: readonly string[];
  /** Command lines that become previews when they are sent. */
  readonly fixes: readonly string[];
  readonly advice: string;
  /** Command lines that read more. */
  readonly look: readonly string[];
}

export interface DiagnosisAnswer {
  readonly type: "diagnosis";
  readonly command: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly target: string;
  readonly summary: string;
  readonly causes: readonly DiagnosisCause[];
  readonly notLookedAt: readonly string[];
}

export interface Question {
  readonly type: "question";
  readonly text: string;
  readonly choices: readonly string[];
}

export interface Step {
  readonly command: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly object: string;
  readonly summary: string;
  readonly before: string;
  readonly after: string;
  readonly diff: string;
  readonly dryRun: string;
}

export interface Preview {
  readonly type: "preview";
  readonly plan: string;
  readonly digest: string;
  readonly expiresAt: string;
  readonly risk: "change" | "destructive";
  readonly typedName: string | null;
  readonly steps: readonly Step[];
  readonly consequences: readonly string[];
  /** Who has to approve before it can be confirmed: one of each list; null where nobody has to. */
  readonly approval: readonly (readonly string[])[] | null;
}

/** What a second person decided about a plan. */
export interface Approval {
  readonly type: "approval";
  readonly plan: string;
  readonly state: "approved" | "denied";
  readonly by: string;
  readonly reason: string;
  readonly expiresAt: string;
}

/** A plan that waits for a second person, as `/approvals` lists it. */
export interface Waiting {
  readonly plan: string;
  readonly digest: string;
  readonly by: string;
  readonly yours: boolean;
  readonly expiresAt: string;
  readonly risk: "change" | "destructive";
  readonly steps: readonly Step[];
  readonly consequences: readonly string[];
}

export type OutcomeState = "applied" | "failed" | "not_sent" | "unknown" | "refused" | "cancelled" | "expired";

export interface Outcome {
  readonly type: "outcome";
  readonly plan: string;
  readonly state: OutcomeState;
  readonly text: string;
  readonly events: readonly string[];
  /** Whether what was done can be taken back. */
  readonly undo: boolean;
}

export interface Failure {
  readonly type: "error";
  readonly code: string;
  readonly message: string;
  readonly requestId: string;
  readonly retryable: boolean;
}

/** What a conversation's history is made of. */
export type HistoryEvent =
  | Say
  | Reading
  | TextAnswer
  | ModelPart
  | TableAnswer
  | OutputAnswer
  | DiagnosisAnswer
  | Question
  | Preview
  | Approval
  | Progress
  | Outcome
  | Failure;

export interface Message {
  readonly seq: number;
  readonly turn: string;
  readonly at: string;
  readonly role: "person" | "kubechat";
  readonly event: HistoryEvent;
}

export interface TurnState {
  readonly type: "turn";
  readonly state: "started" | "done";
  readonly stopped: boolean;
  readonly requestId: string;
  readonly traceId: string;
  readonly durationS: number | null;
}

export interface Progress {
  readonly type: "progress";
  readonly plan: string;
  readonly step: number;
  readonly text: string;
  /** It goes on without its turn, and can be stopped. */
  readonly job: boolean;
}

/** A bit of an output that grows; its whole, or its end, comes as an `output` when it has ended. */
export interface Chunk {
  readonly type: "chunk";
  readonly command: string;
  readonly cluster: string;
  readonly text: string;
  readonly notes: string;
}

export interface Hello {
  readonly type: "hello";
  readonly person: Person;
  readonly clusters: readonly string[];
  readonly cluster: string;
  readonly namespace: string;
  readonly language: boolean;
  readonly alerts: readonly Alert[];
}

export interface Notice {
  readonly type: "notice";
  readonly level: "info" | "warning";
  readonly code: string;
  readonly text: string;
  /** Whether plain words are understood at the moment; null where the notice is about something else. */
  readonly language: boolean | null;
}

export interface AlertChange {
  readonly type: "alert";
  readonly alert: Alert;
}

/** An event of one turn; `chatSession` says in which conversation. */
export interface TurnEvent {
  readonly turn: string;
  readonly chatSession: string;
  readonly event: HistoryEvent | TurnState | Progress | Chunk | Delta;
}

export type Incoming =
  | { readonly kind: "hello"; readonly hello: Hello }
  | { readonly kind: "turn"; readonly of: TurnEvent }
  | { readonly kind: "notice"; readonly notice: Notice }
  | { readonly kind: "alert"; readonly alert: Alert }
  | { readonly kind: "approvals" }
  | { readonly kind: "live"; readonly update: LiveUpdate }
  | { readonly kind: "failure"; readonly failure: Failure };

export type Outgoing =
  | { readonly type: "say"; readonly id: string; readonly chat_session: string; readonly text: string }
  | {
      readonly type: "confirm";
      readonly id: string;
      readonly chat_session: string;
      readonly plan: string;
      readonly digest: string;
      readonly typed?: string;
    }
  | { readonly type: "cancel"; readonly id: string; readonly chat_session: string; readonly plan: string }
  | { readonly type: "undo"; readonly id: string; readonly chat_session: string; readonly plan: string }
  | { readonly type: "stop"; readonly turn: string }
  | {
      readonly type: "follow";
      readonly id: string;
      readonly command: string;
      readonly cluster: string;
      readonly namespace: string;
      readonly view: Readonly<Record<string, unknown>> | null;
    }
  | { readonly type: "unfollow"; readonly id: string };

export interface AuditEvent {
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly user: string;
  readonly requestId: string;
  readonly traceId: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly verb: string;
  readonly object: string;
  readonly command: string;
  readonly outcome: string;
  readonly detail: string;
}
