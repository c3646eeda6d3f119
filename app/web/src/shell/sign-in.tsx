/** The sign-in page. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { RequestError } from "../net/rest";
import type { Failure } from "../protocol/events";
import { signIn } from "../state/session";
import { signInReason } from "../state/store";
import { Icon } from "./icon";

export function SignIn(): JSX.Element {
  const failure = useSignal<Failure | null>(null);
  const busy = useSignal(false);
  const user = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = "Sign in · KubeChat";
    user.current?.focus();
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    try {
      await signIn(user.current?.value ?? "", password.current?.value ?? "");
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      failure.value = error.failure;
      if (password.current !== null) {
        password.current.value = "";
        password.current.focus();
      }
    } finally {
      busy.value = false;
    }
  };

  return (
    <main class="sign-in">
      <form class="card" onSubmit={(event) => void submit(event)}>
        <h1>
          <img src="/favicon.svg" alt="" width="28" height="28" /> KubeChat
        </h1>
        <p class="muted">Ask your clusters in plain words. Nothing changes before you have seen it and confirmed it.</p>
        {signInReason.value !== "" && (
          <p class="message info" role="status">
            <Icon name="info" />
            <span>{signInReason.value}</span>
          </p>
        )}
        <label>
          User name
          <input
            ref={user}
            name="user"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
            maxLength={64}
          />
        </label>
        <label>
          Password
          <input
            ref={password}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            maxLength={1024}
          />
        </label>
        {failure.value !== null && <SignInFailure failure={failure.value} />}
        <button type="submit" class="primary" aria-disabled={busy.value}>
          {busy.value ? "Signing in…" : "Sign in"}
        </button>
      </form>
    </main>
  );
}

function SignInFailure({ failure }: { readonly failure: Failure }): JSX.Element {
  return (
    <p class="message bad" role="alert">
      <Icon name="alert" />
      <span>
        {failure.message}
        {failure.requestId !== "" && <small class="muted">Request {failure.requestId}</small>}
      </span>
    </p>
  );
}
