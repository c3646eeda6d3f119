/** Which page is shown. The gateway answers `/`, `/chat/<id>`, `/audit`, `/clusters` and `/promises` with the same document. */
import { signal } from "@preact/signals";

export type Route =
  | { readonly page: "chat"; readonly id: string | null }
  | { readonly page: "audit" }
  | { readonly page: "clusters" }
  | { readonly page: "promises" };

export const route = signal<Route>({ page: "chat", id: null });

/** The route of a path; anything unknown is a new conversation. */
export function parseRoute(path: string): Route {
  if (path === "/audit") return { page: "audit" };
  if (path === "/clusters") return { page: "clusters" };
  if (path === "/promises") return { page: "promises" };
  const id = /^\/chat\/([0-9a-f-]{36})$/i.exec(path)?.[1];
  return { page: "chat", id: id ?? null };
}

/** The path of a route. */
export function pathOf(to: Route): string {
  if (to.page !== "chat") return `/${to.page}`;
  return to.id === null ? "/" : `/chat/${to.id}`;
}

/** Show another page. */
export function go(to: Route, how: "push" | "replace" = "push"): void {
  const path = pathOf(to);
  if (how === "replace") history.replaceState(null, "", path);
  else if (location.pathname !== path) history.pushState(null, "", path);
  route.value = to;
}

/** Follow the address bar and the back button from now on. */
export function followAddress(): void {
  route.value = parseRoute(location.pathname);
  addEventListener("popstate", () => {
    route.value = parseRoute(location.pathname);
  });
}
