/** Changing one's own password. */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { changePassword, RequestError } from "../net/rest";
import { endSession, tell } from "../state/store";
import { Dialog } from "./dialog";

export function PasswordDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const problem = useSignal("");
  const busy = useSignal(false);
  const current = useRef<HTMLInputElement>(null);
  const replacement = useRef<HTMLInputElement>(null);
  const repeated = useRef<HTMLInputElement>(null);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy.value) return;
    const wanted = replacement.current?.value ?? "";
    if (wanted !== repeated.current?.value) {
      problem.value = "The two new passwords differ.";
      return;
    }
    busy.value = true;
    problem.value = "";
    try {
      await changePassword(current.current?.value ?? "", wanted);
      onClose();
      const text = "Your password has been changed; your other sessions have ended.";
      tell({ type: "notice", level: "info", code: "password_changed", text, language: null });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.status === 401 && error.failure.code === "not_signed_in") endSession();
      const id = error.failure.requestId === "" ? "" : ` (request ${error.failure.requestId})`;
      problem.value = `${error.failure.message}${id}`;
    } finally {
      busy.value = false;
    }
  };

  return (
    <Dialog label="Change password" onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>Change password</h2>
        <label>
          Current password
          <input ref={current} type="password" autocomplete="current-password" required />
        </label>
        <label>
          New password
          <input ref={replacement} type="password" autocomplete="new-password" required minLength={10} />
        </label>
        <label>
          New password again
          <input ref={repeated} type="password" autocomplete="new-password" required minLength={10} />
        </label>
        {problem.value !== "" && (
          <p class="message bad" role="alert">
            {problem.value}
          </p>
        )}
        <div class="actions">
          <button type="submit" class="primary">
            Change password
          </button>
          <button type="button" onClick={onClose}>
            Back
          </button>
        </div>
      </form>
    </Dialog>
  );
}
