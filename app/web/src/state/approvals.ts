/** Plans that wait for a second person's approval: a list that is read anew whenever something of it may have changed. */
import { computed, signal } from "@preact/signals";
import { decideOn, fetchWaiting } from "../net/rest";
import type { Waiting } from "../protocol/events";
import { tellRequestError } from "./store";

export const waiting = signal<readonly Waiting[]>([]);
export const approvalsOpen = signal(false);
/** What this person may decide on. */
export const toDecide = computed(() => waiting.value.filter((plan) => !plan.yours));

/** Read the list as it is now. */
export async function refreshWaiting(): Promise<void> {
  try {
    waiting.value = await fetchWaiting();
  } catch (error) {
    tellRequestError(error);
  }
}

/** Approve or deny a plan that was looked at; the list is read anew, whatever became of it. */
export async function decide(plan: Waiting, decision: "approve" | "deny", reason: string): Promise<void> {
  try {
    await decideOn(plan.plan, plan.digest, decision, reason);
  } catch (error) {
    tellRequestError(error);
  }
  await refreshWaiting();
}
