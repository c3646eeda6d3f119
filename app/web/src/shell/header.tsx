/** The line above a page: its title, the list's button where the list is hidden, the bell. */
import { effect, signal } from "@preact/signals";
import type { JSX } from "preact";
import { firingCount } from "../state/alerts";
import { approvalsOpen, toDecide } from "../state/approvals";
import { currentSession, person } from "../state/store";
import { route } from "../state/route";
import { Icon, IconButton } from "./icon";
import { sidebarOpen, titleOf } from "./sidebar";

export const alertsOpen = signal(false);

export function Header({ title }: { readonly title: string }): JSX.Element {
  const firing = firingCount.value;
  const waits = toDecide.value.length;
  const said = firing === 0 ? "Alerts, none firing" : `Alerts, ${firing} firing`;
  return (
    <header class="page-header">
      <IconButton icon="menu" label="Open the list of conversations" class="narrow-only" onClick={() => (sidebarOpen.value = true)} />
      <h1>{title}</h1>
      {waits > 0 && (
        <button
          type="button"
          class="bell approvals"
          aria-expanded={approvalsOpen.value}
          onClick={() => {
            alertsOpen.value = false;
            approvalsOpen.value = !approvalsOpen.value;
          }}
        >
          <Icon name="kept" />
          {waits === 1 ? "1 plan waits for you" : `${waits} plans wait for you`}
        </button>
      )}
      <button
        type="button"
        class={firing > 0 ? "bell firing" : "bell"}
        aria-label={said}
        aria-expanded={alertsOpen.value}
        title={said}
        onClick={() => (alertsOpen.value = !alertsOpen.value)}
      >
        <Icon name="bell" />
        {firing > 0 && <span class="count">{firing}</span>}
      </button>
    </header>
  );
}

function pageTitle(): string {
  switch (route.value.page) {
    case "audit":
      return "Audit log";
    case "clusters":
      return "Clusters";
    case "promises":
      return "Promises";
    case "chat":
      return currentSession.value === null ? "" : titleOf(currentSession.value);
  }
}

/** Keep the window's title in step: what is open, and how many alerts fire. */
export function followTitle(): void {
  effect(() => {
    if (person.value === null) return;
    const page = pageTitle();
    const firing = firingCount.value > 0 ? `(${firingCount.value}) ` : "";
    document.title = `${firing}${page === "" ? "" : `${page} · `}KubeChat`;
  });
}
