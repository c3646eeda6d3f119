/** The signals that pages read. Only `session.ts`, `chats.ts` and `live.ts` write them. */
import { computed, signal } from "@preact/signals";
import { RequestError } from "../net/rest";
import type { ChatSession, Cluster, Failure, Notice, Person } from "../protocol/events";
import { type Conversation, EMPTY } from "./conversation";
import { route } from "./route";

/** undefined until the gateway has said whether anybody is signed in. */
export const person = signal<Person | null | undefined>(undefined);
/** Why the sign-in page is shown, when it was not asked for. */
export const signInReason = signal("");

export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "open" }
  | { readonly state: "waiting"; readonly retryAt: number };
export const connection = signal<Connection>({ state: "connecting" });
/** Whether plain words are understood at the moment. */
export const language = signal(true);
export const notices = signal<readonly Notice[]>([]);

export const chatSessions = signal<readonly ChatSession[]>([]);
export const chatSessionsLoaded = signal(false);
export const conversations = signal<ReadonlyMap<string, Conversation>>(new Map());

export interface Context {
  readonly cluster: string;
  readonly namespace: string;
}
export const clusters = signal<readonly Cluster[]>([]);
export const clusterNames = signal<readonly string[]>([]);
/** Where a new conversation starts; the person may choose another before the first message. */
export const newContext = signal<Context>({ cluster: "", namespace: "" });

/** What is being written, by conversation; "" is the one not started yet. Survives a sign-in, not a reload. */
export const drafts = signal<ReadonlyMap<string, string>>(new Map());

export const currentId = computed(() => (route.value.page === "chat" ? route.value.id : null));
export const currentSession = computed(
  () => chatSessions.value.find((session) => session.id === currentId.value) ?? null,
);
export const currentConversation = computed<Conversation>(() => {
  const id = currentId.value;
  return (id === null ? undefined : conversations.value.get(id)) ?? EMPTY;
});
export const currentContext = computed<Context>(() => {
  const session = currentSession.value;
  return session === null || session.cluster === ""
    ? newContext.value
    : { cluster: session.cluster, namespace: session.namespace };
});
/** The turn that is being answered in the open conversation, the newest if there are several; no decision on a plan. */
export const runningTurn = computed(() => {
  const { turns, deciding } = currentConversation.value;
  return turns.findLast((turn) => turn.phase === "running" && !deciding.has(turn.id)) ?? null;
});

/** Change one conversation. */
export function changeConversation(id: string, change: (conversation: Conversation) => Conversation): void {
  const before = conversations.value.get(id) ?? EMPTY;
  const after = change(before);
  if (after !== before) conversations.value = new Map(conversations.value).set(id, after);
}

/** Change one session of the list; `first` moves it to the top. */
export function changeSession(id: string, change: Partial<ChatSession>, first = false): void {
  const session = chatSessions.value.find((each) => each.id === id);
  if (session === undefined) return;
  const changed = { ...session, ...change };
  chatSessions.value = first
    ? [changed, ...chatSessions.value.filter((each) => each.id !== id)]
    : chatSessions.value.map((each) => (each.id === id ? changed : each));
}

export function setDraft(id: string | null, text: string): void {
  drafts.value = new Map(drafts.value).set(id ?? "", text);
}

/** Show a notice; one of the same code is replaced. */
export function tell(notice: Notice): void {
  notices.value = [...notices.value.filter((each) => each.code !== notice.code), notice];
}

export function dismiss(code: string): void {
  notices.value = notices.value.filter((each) => each.code !== code);
}

/** Show what went wrong outside of any turn. */
export function tellFailure(failure: Failure): void {
  const id = failure.requestId === "" ? "" : ` (request ${failure.requestId})`;
  tell({ type: "notice", level: "warning", code: failure.code, text: `${failure.message}${id}`, language: null });
}

/** Show a failed request, or go to the sign-in page when the session has ended. Faults of ours are thrown on. */
export function tellRequestError(error: unknown): void {
  if (!(error instanceof RequestError)) throw error;
  if (error.status === 401) endSession();
  else tellFailure(error.failure);
}

/** Nobody is signed in any more; what was being written stays. */
export function endSession(): void {
  if (person.value === null) return;
  signInReason.value = "Your session has ended. Sign in again; what you were writing is kept.";
  person.value = null;
}
