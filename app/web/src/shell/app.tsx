/** The whole page: sign-in, or the list, a page, and the alerts beside it. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ChatPage } from "../chat/page";
import { approvalsOpen } from "../state/approvals";
import { openCurrent } from "../state/chats";
import { hurry } from "../state/live";
import { route } from "../state/route";
import { currentId, person } from "../state/store";
import { AlertPanel } from "./alert-panel";
import { ApprovalsPanel } from "./approvals-panel";
import { alertsOpen } from "./header";
import { useLoaded } from "./lazy";
import { searchAsked, Sidebar, sidebarOpen } from "./sidebar";
import { SignIn } from "./sign-in";
import { Notices } from "./status";

const loadAudit = () => import("../audit/page");
const loadClusters = () => import("../clusters/page");
const loadPromises = () => import("../promises/page");

export function App(): JSX.Element | null {
  useEffect(() => {
    addEventListener("keydown", onKey);
    addEventListener("online", hurry);
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      removeEventListener("keydown", onKey);
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, []);
  useEffect(() => {
    if (person.value) openCurrent();
  }, [currentId.value, person.value]);

  if (person.value === undefined) return <Notices />;
  if (person.value === null) return <SignIn />;
  return (
    <div class="layout">
      <Sidebar />
      <Page />
      {alertsOpen.value && <AlertPanel />}
      {approvalsOpen.value && !alertsOpen.value && <ApprovalsPanel />}
      <Notices />
    </div>
  );
}

function Page(): JSX.Element {
  switch (route.value.page) {
    case "audit":
      return <LazyAudit />;
    case "clusters":
      return <LazyClusters />;
    case "promises":
      return <LazyPromises />;
    case "chat":
      return <ChatPage />;
  }
}

function LazyAudit(): JSX.Element {
  const audit = useLoaded(loadAudit);
  return audit === null ? <main class="page" aria-busy="true" /> : <audit.AuditPage />;
}

function LazyClusters(): JSX.Element {
  const clusters = useLoaded(loadClusters);
  return clusters === null ? <main class="page" aria-busy="true" /> : <clusters.ClustersPage />;
}

function LazyPromises(): JSX.Element {
  const promises = useLoaded(loadPromises);
  return promises === null ? <main class="page" aria-busy="true" /> : <promises.PromisesPage />;
}

function onKey(event: KeyboardEvent): void {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    sidebarOpen.value = true;
    searchAsked.value += 1;
  }
  if (event.key === "Escape" && !event.defaultPrevented) {
    sidebarOpen.value = false;
    alertsOpen.value = false;
    approvalsOpen.value = false;
  }
}

function onVisible(): void {
  if (document.visibilityState === "visible") hurry();
}
