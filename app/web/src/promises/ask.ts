/** Asks the gateway how its promises stand, again and again while the page is seen. */
import type { Signal } from "@preact/signals";
import { usePolled } from "../net/polling";
import { request, RequestError } from "../net/rest";
import type { Failure } from "../protocol/events";
import { endSession } from "../state/store";
import { decodePromises, type Promises, ShapeError } from "./decode";

export const EVERY_MS = 15_000;

export interface Answers {
  /** The last answer that measured something; before there is one, the last of any kind. */
  readonly shown: Promises | null;
  /** Why `shown` is not of this moment: Prometheus did not answer, or the gateway did not. */
  readonly away: "prometheus" | Failure | null;
}

/** What the gateway answered last; asked for again every 15 seconds while the page is visible. */
export function useAnswers(): Signal<Answers> {
  return usePolled<Answers>({ shown: null, away: null }, EVERY_MS, fetchAnswers).answer;
}

async function fetchAnswers(before: Answers): Promise<Answers> {
  try {
    return after(before, decodePromises(await request("GET", "/promises")));
  } catch (error) {
    if (error instanceof ShapeError) return { ...before, away: unreadable(error) };
    if (!(error instanceof RequestError)) throw error;
    if (error.status === 401) endSession();
    return { ...before, away: error.failure };
  }
}

/**
 * What is shown after an answer: one without Prometheus does not take away what was measured before. Maintenance and the
 * year's downtime are the gateway's own knowledge.
 */
export function after(before: Answers, answer: Promises): Answers {
  if (answer.prometheus) return { shown: answer, away: null };
  const { maintenance, downtime } = answer;
  const shown = before.shown?.prometheus === true ? { ...before.shown, maintenance, downtime } : answer;
  return { shown, away: "prometheus" };
}

function unreadable(error: ShapeError): Failure {
  return {
    type: "error",
    code: "unreadable",
    message: `This page does not understand what KubeChat answered (${error.message}). Reload it.`,
    requestId: "",
    retryable: false,
  };
}
