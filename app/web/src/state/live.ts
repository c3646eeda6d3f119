/**
 * The live connection: what comes in goes to the right conversation, what was said goes out exactly once.
 *
 * A message keeps its turn id however often it is sent, and the gateway acts on an id once. Decisions on plans are never
 * kept and sent later: they are bound to what the person sees now.
 */
import { fetchAlerts, fetchMe, fetchMessages, RequestError } from "../net/rest";
import { ChatSocket } from "../net/socket";
import { decodeFrame } from "../protocol/decode";
import type { Hello, Notice, Outgoing, TurnEvent } from "../protocol/events";
import { takeAll, takeChange, takeFiring } from "./alerts";
import { refreshWaiting } from "./approvals";
import {
  abandoned,
  interrupted,
  merged,
  received,
  saidIn,
  sent,
  type Turn,
  unanswered,
  uncertainPlans,
  undecided,
} from "./conversation";
import { go } from "./route";
import {
  changeConversation,
  changeSession,
  clusterNames,
  connection,
  conversations,
  currentConversation,
  currentId,
  dismiss,
  endSession,
  language,
  newContext,
  person,
  tell,
  tellFailure,
  tellRequestError,
} from "./store";
import { takeLive } from "./tables";

const PAGE = 200;
// Longer than the gateway usually works on any request, a language model's among them: after this no answer will be
// stored any more.
const GIVE_UP_MS = 150_000;
const FIRST_LOOK_MS = 1_000;
const LONGEST_LOOK_MS = 8_000;
// A frame that the connection breaks on each time must not be sent for ever.
const MOST_ATTEMPTS = 3;

let socket: ChatSocket | null = null;
/** Whether this sign-in has been greeted: alerts that fire when it is greeted again are news. */
let greeted = false;
const attempts = new Map<string, number>();
const loading = new Set<string>();
const followed = new Set<string>();

/** Connect, and stay connected until `disconnect`. */
export function connect(): void {
  if (socket !== null) return;
  connection.value = { state: "connecting" };
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new ChatSocket(`${scheme}://${location.host}/api/v1/chat`, {
    onOpen: () => {
      connection.value = { state: "open" };
      void catchUp();
    },
    onFrame: take,
    onClose: (retryInMs) => {
      connection.value = { state: "waiting", retryAt: Date.now() + retryInMs };
      for (const id of conversations.value.keys()) changeConversation(id, interrupted);
    },
    mayReconnect: stillSignedIn,
  });
  socket.start();
}

export function disconnect(): void {
  socket?.stop();
  socket = null;
  greeted = false;
  attempts.clear();
}

/** Try to reconnect now. */
export function hurry(): void {
  socket?.hurry();
}

/** Send a frame now; false when there is no connection. */
export function transmit(frame: Outgoing): boolean {
  return socket?.send(frame) ?? false;
}

/** Send what was said in a turn, if there is a connection; otherwise it goes out after the next one is made. */
export function transmitSaid(id: string, turn: string, text: string): void {
  const tried = attempts.get(turn) ?? 0;
  if (tried >= MOST_ATTEMPTS) {
    changeConversation(id, (each) => abandoned(each, turn));
    return;
  }
  if (!transmit({ type: "say", id: turn, chat_session: id, text })) return;
  attempts.set(turn, tried + 1);
  changeConversation(id, (each) => sent(each, turn));
}

/** Read a conversation's newest messages, or what is new since they were read. */
export async function load(id: string): Promise<void> {
  if (loading.has(id)) return;
  loading.add(id);
  const before = conversations.value.get(id);
  try {
    if (before?.loaded !== true) {
      const page = await fetchMessages(id, { limit: PAGE });
      changeConversation(id, (each) => merged(each, page.messages, { older: page.next }));
    } else {
      await loadAfter(id, before.lastSeq);
    }
  } catch (error) {
    tellRequestError(error);
    const gone = error instanceof RequestError && error.status === 404;
    if (gone && currentId.value === id) go({ page: "chat", id: null }, "replace");
    return;
  } finally {
    loading.delete(id);
  }
  follow(id);
}

/** Read the page before what is shown. */
export async function loadOlder(id: string): Promise<void> {
  const older = conversations.value.get(id)?.older;
  if (older === null || older === undefined) return;
  try {
    const page = await fetchMessages(id, { before: older, limit: PAGE });
    changeConversation(id, (each) => merged(each, page.messages, { older: page.next }));
  } catch (error) {
    tellRequestError(error);
  }
}

async function loadAfter(id: string, seq: number): Promise<void> {
  let after = seq;
  for (;;) {
    const page = await fetchMessages(id, { after, limit: PAGE });
    changeConversation(id, (each) => merged(each, page.messages, "after"));
    after = page.messages.at(-1)?.seq ?? after;
    if (page.messages.length < PAGE) return;
  }
}

async function stillSignedIn(): Promise<boolean> {
  connection.value = { state: "connecting" };
  try {
    if ((await fetchMe()) !== null) return true;
  } catch (error) {
    if (error instanceof RequestError) return true; // not answering is no reason to give up
    throw error;
  }
  socket = null;
  endSession();
  return false;
}

/** After a connection is made: read what was missed, then send what is still unsent. */
async function catchUp(): Promise<void> {
  const open = currentId.value;
  if (open !== null && conversations.value.get(open)?.loaded !== true) void load(open);
  for (const [id, conversation] of conversations.value) {
    if (conversation.loaded && conversation.turns.length > 0) await load(id);
    const now = conversations.value.get(id);
    for (const turn of now === undefined ? [] : unanswered(now)) {
      const text = saidIn(turn);
      if (text !== null && !isStored(turn)) transmitSaid(id, turn.id, text);
    }
    follow(id);
  }
}

function take(data: string): void {
  const incoming = decodeFrame(data);
  switch (incoming?.kind) {
    case "hello":
      takeHello(incoming.hello);
      break;
    case "turn":
      takeTurn(incoming.of);
      break;
    case "notice":
      takeNotice(incoming.notice);
      break;
    case "live":
      takeLive(incoming.update);
      break;
    case "approvals":
      void refreshWaiting();
      break;
    case "alert":
      takeChange(incoming.alert, lastTurn());
      break;
    case "failure":
      tellFailure(incoming.failure);
      break;
    case undefined:
      break;
  }
}

function takeHello(hello: Hello): void {
  person.value = hello.person;
  clusterNames.value = hello.clusters;
  if (newContext.value.cluster === "") newContext.value = { cluster: hello.cluster, namespace: hello.namespace };
  language.value = hello.language;
  if (greeted) for (const alert of hello.alerts) takeChange(alert, lastTurn());
  else takeFiring(hello.alerts);
  greeted = true;
  // The list also has what was resolved while there was no connection.
  void fetchAlerts().then(takeAll, tellRequestError);
  void refreshWaiting();
}

function takeNotice(notice: Notice): void {
  if (notice.language !== null) language.value = notice.language;
  // That language is away is shown as long as it lasts; that it is back needs no word beside the old one.
  if (notice.language === false) dismiss(notice.code);
  else tell(notice);
}

function takeTurn(of: TurnEvent): void {
  const id = of.chatSession || sessionOfTurn(of.turn);
  if (id === null) return;
  if (!conversations.value.has(id)) return; // it will be read when it is opened
  changeConversation(id, (each) => received(each, of, new Date().toISOString()));
  if (of.event.type === "text" && of.event.cluster !== null) {
    changeSession(id, { cluster: of.event.cluster, namespace: of.event.namespace ?? "" });
  }
  if (of.event.type === "turn" && of.event.state === "done") {
    changeSession(id, { updatedAt: new Date().toISOString() });
    const turn = conversations.value.get(id)?.turns.find((each) => each.id === of.turn);
    const told = conversations.value.get(id);
    if (told !== undefined && uncertainPlans(told).length > 0) follow(id);
    // Said in another window: only the answer came here.
    const elsewhere = turn !== undefined && saidIn(turn) === null;
    if (elsewhere && conversations.value.get(id)?.deciding.has(of.turn) !== true) void load(id);
  }
}

function lastTurn(): string | null {
  return currentConversation.value.turns.at(-1)?.id ?? null;
}

function sessionOfTurn(turn: string): string | null {
  for (const [id, conversation] of conversations.value) {
    if (conversation.turns.some((each) => each.id === turn)) return id;
  }
  return null;
}

function isStored(turn: Turn): boolean {
  return turn.entries.some((entry) => entry.role === "person" && entry.seq !== null);
}

/**
 * Look for the answers of turns, and the ends of plans, that the gateway has and that are not told live any more (the
 * page was loaded, or the connection broke, while it worked on them), until they are there or cannot come any more.
 */
function follow(id: string): void {
  if (followed.has(id)) return;
  followed.add(id);
  void look(id).finally(() => followed.delete(id));
}

async function look(id: string): Promise<void> {
  const started = Date.now();
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 2, LONGEST_LOOK_MS)) {
    giveUpOld(id, started);
    if (!hasOpenEnds(id)) return;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (connection.value.state !== "open" || !hasOpenEnds(id)) return;
    try {
      await loadAfter(id, conversations.value.get(id)?.lastSeq ?? 0);
    } catch (error) {
      tellRequestError(error);
      return;
    }
  }
}

/** Stored turns without an answer that nothing is told of any more. */
function waitingFor(id: string): readonly Turn[] {
  const conversation = conversations.value.get(id);
  if (conversation === undefined) return [];
  return unanswered(conversation).filter((turn) => turn.phase === "sent" && isStored(turn));
}

function hasOpenEnds(id: string): boolean {
  const conversation = conversations.value.get(id);
  return waitingFor(id).length > 0 || (conversation !== undefined && uncertainPlans(conversation).length > 0);
}

function giveUpOld(id: string, started: number): void {
  const conversation = conversations.value.get(id);
  if (conversation !== undefined && Date.now() - started > GIVE_UP_MS) {
    for (const plan of uncertainPlans(conversation)) changeConversation(id, (each) => undecided(each, plan));
  }
  for (const turn of waitingFor(id)) {
    const at = turn.entries.find((entry) => entry.role === "person")?.at;
    const age = at === null || at === undefined ? Number.POSITIVE_INFINITY : Date.now() - Date.parse(at);
    if (!(age < GIVE_UP_MS)) changeConversation(id, (each) => abandoned(each, turn.id));
  }
}
