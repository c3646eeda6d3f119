/** Alerts as Alertmanager tells them: one per fingerprint and start, the same card from firing to resolved. */
import { computed, signal } from "@preact/signals";
import type { Alert } from "../protocol/events";

/** An alert that came while this page was open, and the turn after which it came. */
export interface Arrival {
  readonly key: string;
  readonly afterTurn: string | null;
}

export const alerts = signal<ReadonlyMap<string, Alert>>(new Map());
export const arrivals = signal<readonly Arrival[]>([]);

/** Firing ones first, then the newest. */
export const alertList = computed<readonly Alert[]>(() => [...alerts.value.values()].sort(byUrgency));
export const firingCount = computed(() => alertList.value.filter((alert) => alert.state === "firing").length);

export function alertKey(alert: Alert): string {
  return `${alert.fingerprint}@${alert.startsAt}`;
}

/** Take a list as it is now: those that fire, and what is known of others stays. */
export function takeFiring(firing: readonly Alert[]): void {
  const next = new Map(alerts.value);
  for (const alert of firing) next.set(alertKey(alert), alert);
  alerts.value = next;
}

/** Take the whole list in place of what is known. */
export function takeAll(all: readonly Alert[]): void {
  alerts.value = new Map(all.map((alert) => [alertKey(alert), alert]));
}

/** Take a change; true when it is news, which gets a card in the conversation. */
export function takeChange(alert: Alert, afterTurn: string | null): boolean {
  const key = alertKey(alert);
  const before = alerts.value.get(key);
  alerts.value = new Map(alerts.value).set(key, alert);
  if (before?.state === alert.state) return false;
  if (!arrivals.value.some((arrival) => arrival.key === key)) {
    arrivals.value = [...arrivals.value, { key, afterTurn }];
  }
  return true;
}

export function forgetAlerts(): void {
  alerts.value = new Map();
  arrivals.value = [];
}

function byUrgency(a: Alert, b: Alert): number {
  if (a.state !== b.state) return a.state === "firing" ? -1 : 1;
  return b.startsAt.localeCompare(a.startsAt);
}
