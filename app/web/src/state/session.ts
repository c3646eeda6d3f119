/** Signing in and out, and what follows from either. */
import { fetchMe, RequestError, signIn as requestSignIn, signOut as requestSignOut } from "../net/rest";
import type { Person } from "../protocol/events";
import { forgetAlerts } from "./alerts";
import { loadChatSessions, loadClusters, openCurrent } from "./chats";
import { connect, disconnect } from "./live";
import { ignoreLoad } from "./load";
import { go } from "./route";
import {
  chatSessions,
  chatSessionsLoaded,
  clusters,
  conversations,
  drafts,
  newContext,
  notices,
  person,
  signInReason,
  tellRequestError,
} from "./store";

const ASK_AGAIN_MS = 3_000;
let lastUser: string | null = null;

/** Find out who is signed in, and start. */
export async function begin(): Promise<void> {
  try {
    const found = await fetchMe();
    if (found === null) {
      ignoreLoad();
      person.value = null;
    } else welcome(found);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    tellRequestError(error);
    setTimeout(() => void begin(), ASK_AGAIN_MS);
  }
}

/** Sign in; throws RequestError when that is refused. */
export async function signIn(user: string, password: string): Promise<void> {
  welcome(await requestSignIn(user, password));
}

export async function signOut(): Promise<void> {
  try {
    await requestSignOut();
  } catch (error) {
    if (!(error instanceof RequestError && error.status === 401)) {
      tellRequestError(error);
      return;
    }
  }
  disconnect();
  forget();
  lastUser = null;
  signInReason.value = "";
  person.value = null;
  go({ page: "chat", id: null }, "replace");
}

function welcome(found: Person): void {
  // Another person on the same page must not see what the one before left open.
  if (lastUser !== null && lastUser !== found.user) forget();
  lastUser = found.user;
  signInReason.value = "";
  notices.value = [];
  disconnect();
  person.value = found;
  // After the page is drawn: none of this is needed for writing a first message.
  setTimeout(() => {
    if (person.value !== found) return;
    connect();
    openCurrent();
    void loadChatSessions();
    void loadClusters();
  });
}

function forget(): void {
  chatSessions.value = [];
  chatSessionsLoaded.value = false;
  conversations.value = new Map();
  drafts.value = new Map();
  clusters.value = [];
  newContext.value = { cluster: "", namespace: "" };
  forgetAlerts();
}
