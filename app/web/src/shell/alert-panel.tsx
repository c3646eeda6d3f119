/** All alerts that fire, and those that were resolved lately, beside the page. */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { AlertCard } from "../chat/alert-card";
import { alertKey, alertList } from "../state/alerts";
import { alertsOpen } from "./header";
import { IconButton } from "./icon";

export function AlertPanel(): JSX.Element {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const focused = document.activeElement;
    panel.current?.focus();
    return () => {
      if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
    };
  }, []);
  const all = alertList.value;
  const firing = all.filter((alert) => alert.state === "firing");
  const resolved = all.filter((alert) => alert.state === "resolved");
  return (
    <aside class="alert-panel" aria-label="Alerts" ref={panel} tabIndex={-1}>
      <div class="panel-head">
        <h2>Alerts</h2>
        <IconButton icon="close" label="Close alerts" onClick={() => (alertsOpen.value = false)} />
      </div>
      {firing.length === 0 && <p class="muted">Nothing is firing.</p>}
      {firing.map((alert) => (
        <AlertCard key={alertKey(alert)} alert={alert} />
      ))}
      {resolved.length > 0 && <h3>Resolved</h3>}
      {resolved.map((alert) => (
        <AlertCard key={alertKey(alert)} alert={alert} />
      ))}
    </aside>
  );
}
