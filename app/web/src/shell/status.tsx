/** What concerns the whole page: the connection, language that is away, notices. */
import type { JSX } from "preact";
import { hurry } from "../state/live";
import { connection, dismiss, language, notices } from "../state/store";
import { Icon, IconButton } from "./icon";
import { now, useTicking } from "./ticking";

/** One line that is there only when something is not as usual. */
export function ConnectionBanner(): JSX.Element | null {
  const at = connection.value;
  useTicking(at.state === "waiting");
  if (at.state === "open") {
    if (language.value) return null;
    return (
      <p class="banner" role="status">
        <Icon name="info" />
        <span>Plain words are not understood at the moment. kubectl commands, history, alerts and the audit log work.</span>
      </p>
    );
  }
  if (at.state === "connecting") {
    return (
      <p class="banner quiet-banner" role="status">
        <span>Connecting…</span>
      </p>
    );
  }
  const seconds = Math.max(1, Math.ceil((at.retryAt - Math.min(now.value, Date.now())) / 1000));
  return (
    <p class="banner" role="status">
      <Icon name="alert" />
      <span>
        No connection to KubeChat. What you send now goes out when it is back. Next attempt in{" "}
        <span aria-hidden="true">{seconds} s</span>.
      </span>
      <button type="button" class="small" onClick={hurry}>
        Try now
      </button>
    </p>
  );
}

export function Notices(): JSX.Element {
  return (
    <div class="notices" aria-live="polite">
      {notices.value.map((notice) => (
        <div key={notice.code} class={`notice ${notice.level}`} role={notice.level === "warning" ? "alert" : "status"}>
          <Icon name={notice.level === "warning" ? "alert" : "info"} />
          <span>{notice.text}</span>
          <IconButton icon="close" label="Dismiss" onClick={() => dismiss(notice.code)} />
        </div>
      ))}
    </div>
  );
}
