/** What a status word of Kubernetes says about health: the tone it is tinted in, next to the word itself. */

export type Tone = "ok" | "busy" | "bad" | "none";

const STATUS_COLUMNS = /^(status|phase|state|ready|health|conditions?|reason|type|available|synced)$/i;
const OK = /^(running|ready|active|bound|succeeded|complete(d)?|available|healthy|true|normal|deployed|established)$/i;
const BUSY =
  /^(pending|containercreating|podinitializing|terminating|progressing|released|suspended|waiting|schedulingdisabled|init:\d+\/\d+)$/i;
const BAD =
  /(backoff|error|fail|evicted|oomkilled|notready|unknown|lost|invalid|deadlineexceeded|unhealthy|^warning$|^false$|unschedulable)/i;

/** The tone of a cell; "none" where the column says nothing of health. */
export function toneOf(column: string, cell: string): Tone {
  if (!STATUS_COLUMNS.test(column)) return "none";
  const share = /^(\d+)\/(\d+)$/.exec(cell);
  if (share !== null) return share[1] === share[2] ? "none" : "busy";
  // Of "Ready,SchedulingDisabled" the worst counts.
  const tones = cell.split(",").map(toneOfWord);
  for (const tone of ["bad", "busy", "ok"] as const) if (tones.includes(tone)) return tone;
  return "none";
}

function toneOfWord(word: string): Tone {
  if (OK.test(word)) return "ok";
  if (BUSY.test(word)) return "busy";
  return BAD.test(word) ? "bad" : "none";
}
