/** What a person does with conversations: open, start, rename, delete, say, decide on a plan. */
import { changeChatSession, deleteChatSession, fetchChatSessions, fetchClusters, startChatSession } from "../net/rest";
import type { ChatSession, Cluster, Preview } from "../protocol/events";
import { newId } from "../net/ids";
import { deciding, EMPTY, said, undecided } from "./conversation";
import { load, transmit, transmitSaid } from "./live";
import { go, route } from "./route";
import {
  changeConversation,
  changeSession,
  chatSessions,
  chatSessionsLoaded,
  clusterNames,
  clusters,
  type Context,
  conversations,
  currentContext,
  currentId,
  drafts,
  newContext,
  setDraft,
  tell,
  tellRequestError,
} from "./store";

const TITLE_LENGTH = 60; // as the gateway titles a new conversation

/** Read the list of conversations. */
export async function loadChatSessions(): Promise<void> {
  try {
    const listed = await fetchChatSessions();
    chatSessions.value = listed;
    chatSessionsLoaded.value = true;
  } catch (error) {
    tellRequestError(error);
  }
}

/** Read the clusters with the namespaces this person may see. */
export async function loadClusters(): Promise<void> {
  try {
    takeClusters(await fetchClusters());
  } catch (error) {
    tellRequestError(error);
  }
}

/** Show these clusters from now on. */
export function takeClusters(listed: readonly Cluster[]): void {
  clusters.value = listed;
  clusterNames.value = listed.map((cluster) => cluster.name);
}

/** Read the open conversation, if that has not been done. */
export function openCurrent(): void {
  const id = currentId.value;
  if (id !== null && conversations.value.get(id)?.loaded !== true) void load(id);
}

/** Say something in the open conversation, which is started where there is none. */
export async function say(text: string): Promise<void> {
  const open = currentId.value;
  const id = open ?? (await start(text));
  if (id === null) return;
  const turn = newId();
  changeConversation(id, (each) => said(each, turn, text, new Date().toISOString()));
  const title = chatSessions.value.find((session) => session.id === id)?.title;
  const words = text.split(/\s+/).filter((word) => word !== "");
  changeSession(id, title === "" ? { title: words.join(" ").slice(0, TITLE_LENGTH) } : {}, true);
  transmitSaid(id, turn, text);
}

/** Confirm a plan; nothing happens without a connection, and nothing is kept for later. */
export function confirm(preview: Preview, typed: string | null): void {
  const id = currentId.value;
  if (id === null) return;
  const turn = newId();
  const frame = { type: "confirm", id: turn, chat_session: id, plan: preview.plan, digest: preview.digest } as const;
  changeConversation(id, (each) => deciding(each, turn, preview.plan, "confirming"));
  if (!transmit(typed === null ? frame : { ...frame, typed })) notDecided(id, preview.plan);
}

/** Cancel a plan. */
export function cancel(preview: Preview): void {
  const id = currentId.value;
  if (id === null) return;
  const turn = newId();
  changeConversation(id, (each) => deciding(each, turn, preview.plan, "cancelling"));
  if (!transmit({ type: "cancel", id: turn, chat_session: id, plan: preview.plan })) notDecided(id, preview.plan);
}

/** Ask for what takes a plan back; it is shown and confirmed like any change. */
export function undo(plan: string): void {
  const id = currentId.value;
  if (id !== null) transmit({ type: "undo", id: newId(), chat_session: id, plan });
}

/** Stop a turn that is being answered. */
export function stop(turn: string): void {
  transmit({ type: "stop", turn });
}

export async function rename(id: string, title: string): Promise<void> {
  const trimmed = title.trim();
  const before = chatSessions.value.find((session) => session.id === id)?.title;
  if (trimmed === "" || trimmed === before) return;
  changeSession(id, { title: trimmed });
  try {
    await changeChatSession(id, { title: trimmed });
  } catch (error) {
    changeSession(id, { title: before ?? "" });
    tellRequestError(error);
  }
}

export async function remove(id: string): Promise<void> {
  try {
    await deleteChatSession(id);
  } catch (error) {
    tellRequestError(error);
    return;
  }
  chatSessions.value = chatSessions.value.filter((session) => session.id !== id);
  const rest = new Map(conversations.value);
  rest.delete(id);
  conversations.value = rest;
  if (currentId.value === id) go({ page: "chat", id: null });
}

/** Go on in another cluster or namespace. */
export async function move(context: Context): Promise<void> {
  const id = currentId.value;
  if (id === null) {
    newContext.value = context;
    return;
  }
  const before = currentContext.value;
  changeSession(id, { ...context });
  try {
    await changeChatSession(id, { cluster: context.cluster, namespace: context.namespace });
  } catch (error) {
    changeSession(id, { ...before });
    tellRequestError(error);
  }
}

let starting: Promise<string | null> | null = null;

/** Start a conversation for a first message; the text goes back into the composer when that fails. */
function start(text: string): Promise<string | null> {
  starting ??= started(text).finally(() => {
    starting = null;
  });
  return starting;
}

async function started(text: string): Promise<string | null> {
  const wanted = newContext.value;
  let session: ChatSession;
  try {
    session = await startChatSession();
    if (wanted.cluster !== "" && (wanted.cluster !== session.cluster || wanted.namespace !== session.namespace)) {
      await changeChatSession(session.id, { cluster: wanted.cluster, namespace: wanted.namespace });
      session = { ...session, ...wanted };
    }
  } catch (error) {
    setDraft(null, text);
    tellRequestError(error);
    return null;
  }
  chatSessions.value = [session, ...chatSessions.value];
  changeConversation(session.id, () => ({ ...EMPTY, loaded: true }));
  const here = route.value;
  if (here.page === "chat" && here.id === null) {
    // What was typed while the conversation was being made belongs to it.
    setDraft(session.id, drafts.value.get("") ?? "");
    setDraft(null, "");
    go({ page: "chat", id: session.id }, "replace");
  }
  return session.id;
}

function notDecided(id: string, plan: string): void {
  changeConversation(id, (each) => undecided(each, plan));
  tell({
    type: "notice",
    level: "warning",
    code: "not_decided",
    text: "There is no connection at the moment: nothing was sent. Decide again when it is back.",
    language: null,
  });
}
