/** The list of conversations, and what concerns the person: audit log, clusters, promises, theme, password, signing out. */
import { signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ChatSession } from "../protocol/events";
import { remove, rename } from "../state/chats";
import { theme, type Theme } from "../state/preferences";
import { go, pathOf, route, type Route } from "../state/route";
import { signOut } from "../state/session";
import { chatSessions, chatSessionsLoaded, currentId, person } from "../state/store";
import { shortTime } from "../text/time";
import { Dialog } from "./dialog";
import { Icon, IconButton } from "./icon";
import { PasswordDialog } from "./password";

/** Whether the list is open where there is no room for it beside the conversation. */
export const sidebarOpen = signal(false);
/** Counted up to put the cursor into the search box. */
export const searchAsked = signal(0);

export function Sidebar(): JSX.Element {
  const search = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (searchAsked.value > 0) field.current?.focus();
  }, [searchAsked.value]);
  const wanted = search.value.trim().toLowerCase();
  const found = chatSessions.value.filter((session) => titleOf(session).toLowerCase().includes(wanted));

  return (
    <>
      {sidebarOpen.value && <div class="scrim" onClick={() => (sidebarOpen.value = false)} />}
      <nav class={sidebarOpen.value ? "sidebar open" : "sidebar"} aria-label="Conversations" id="sidebar">
        <div class="brand">
          <img src="/favicon.svg" alt="" width="22" height="22" />
          <strong>KubeChat</strong>
          <IconButton icon="close" label="Close the list" class="narrow-only" onClick={() => (sidebarOpen.value = false)} />
        </div>
        <PageLink to={{ page: "chat", id: null }} class="new-chat" current={route.value.page === "chat" && currentId.value === null}>
          <Icon name="plus" /> New chat
        </PageLink>
        <div class="search">
          <Icon name="search" />
          <input
            ref={field}
            type="search"
            aria-label="Search conversations"
            placeholder="Search (Ctrl+K)"
            value={search.value}
            onInput={(event) => (search.value = event.currentTarget.value)}
            onKeyDown={(event) => {
              const first = found[0];
              if (event.key === "Enter" && first !== undefined) open({ page: "chat", id: first.id });
              if (event.key === "Escape") search.value = "";
            }}
          />
        </div>
        <ul class="sessions">
          {found.map((session) => (
            <SessionItem key={session.id} session={session} />
          ))}
          {chatSessionsLoaded.value && found.length === 0 && (
            <li class="muted hint">{wanted === "" ? "No conversations yet." : "No conversation has that in its title."}</li>
          )}
        </ul>
        <PersonMenu />
      </nav>
    </>
  );
}

function SessionItem({ session }: { readonly session: ChatSession }): JSX.Element {
  const mode = useSignal<"shown" | "renamed" | "deleted">("shown");
  const title = titleOf(session);
  if (mode.value === "renamed") {
    return (
      <li>
        <TitleField
          title={session.title}
          onDone={(changed) => {
            mode.value = "shown";
            if (changed !== null) void rename(session.id, changed);
          }}
        />
      </li>
    );
  }
  const place = [session.cluster, session.namespace].filter((part) => part !== "").join(" / ");
  return (
    <li class="session">
      <PageLink to={{ page: "chat", id: session.id }} current={currentId.value === session.id}>
        <span class="title">{title}</span>
        <span class="muted place">
          {place} · {shortTime(session.updatedAt, new Date())}
        </span>
      </PageLink>
      <span class="session-actions">
        <IconButton icon="pen" label={`Rename ${title}`} onClick={() => (mode.value = "renamed")} />
        <IconButton icon="trash" label={`Delete ${title}`} onClick={() => (mode.value = "deleted")} />
      </span>
      {mode.value === "deleted" && (
        <Dialog label="Delete conversation" onClose={() => (mode.value = "shown")}>
          <h2>Delete this conversation?</h2>
          <p>
            “{title}” goes from your list for good. What was done in it stays in the audit log.
          </p>
          <div class="actions">
            <button type="button" class="danger" onClick={() => void remove(session.id)}>
              Delete
            </button>
            <button type="button" onClick={() => (mode.value = "shown")}>
              Keep
            </button>
          </div>
        </Dialog>
      )}
    </li>
  );
}

function TitleField(props: {
  readonly title: string;
  readonly onDone: (changed: string | null) => void;
}): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => field.current?.select(), []);
  const finish = (changed: string | null): void => {
    if (done.current) return;
    done.current = true;
    props.onDone(changed);
  };
  return (
    <input
      ref={field}
      class="rename"
      aria-label="New title"
      defaultValue={props.title}
      maxLength={200}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish(event.currentTarget.value);
        if (event.key === "Escape") finish(null);
      }}
      onBlur={(event) => finish(event.currentTarget.value)}
    />
  );
}

function PersonMenu(): JSX.Element {
  const changing = useSignal(false);
  const who = person.value;
  return (
    <div class="person">
      <PageLink to={{ page: "audit" }} current={route.value.page === "audit"}>
        <Icon name="list" /> Audit log
      </PageLink>
      <PageLink to={{ page: "clusters" }} current={route.value.page === "clusters"}>
        <Icon name="cluster" /> Clusters
      </PageLink>
      <PageLink to={{ page: "promises" }} current={route.value.page === "promises"}>
        <Icon name="kept" /> Promises
      </PageLink>
      <label class="theme">
        <span>Theme</span>
        <select
          value={theme.value}
          onChange={(event) => (theme.value = event.currentTarget.value as Theme)}
        >
          <option value="system">System</option>
          <option value="dark">Dark</option>
          <option value="light">Light</option>
        </select>
      </label>
      <div class="who">
        <span>
          <strong>{who?.displayName ?? ""}</strong>
          {who !== null && who !== undefined && <span class="muted"> {who.role}</span>}
        </span>
        <span class="who-actions">
          <button type="button" class="link" onClick={() => (changing.value = true)}>
            Change password
          </button>
          <button type="button" class="link" onClick={() => void signOut()}>
            Sign out
          </button>
        </span>
      </div>
      {changing.value && <PasswordDialog onClose={() => (changing.value = false)} />}
    </div>
  );
}

function PageLink(props: {
  readonly to: Route;
  readonly current: boolean;
  readonly class?: string;
  readonly children: JSX.Element | (JSX.Element | string)[];
}): JSX.Element {
  return (
    <a
      class={props.class}
      href={pathOf(props.to)}
      aria-current={props.current ? "page" : undefined}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        open(props.to);
      }}
    >
      {props.children}
    </a>
  );
}

function open(to: Route): void {
  sidebarOpen.value = false;
  go(to);
}

/** A conversation's title, also before it has one. */
export function titleOf(session: ChatSession): string {
  return session.title === "" ? "New chat" : session.title;
}
