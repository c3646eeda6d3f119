/** A unified diff as lines with a meaning. */

export interface DiffLine {
  readonly kind: "added" | "removed" | "context" | "place";
  /** The line without its mark. */
  readonly text: string;
}

/** Lines of a unified diff; file headers are left out, hunk headers kept as `place`. */
export function diffLines(diff: string): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let inside = false;
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    if (line.startsWith("@@")) {
      inside = true;
      lines.push({ kind: "place", text: line });
    } else if (!inside && (line.startsWith("--- ") || line.startsWith("+++ "))) {
      continue;
    } else if (line.startsWith("+")) {
      lines.push({ kind: "added", text: line.slice(1) });
    } else if (line.startsWith("-")) {
      lines.push({ kind: "removed", text: line.slice(1) });
    } else if (line !== "" || inside) {
      lines.push({ kind: "context", text: line.startsWith(" ") ? line.slice(1) : line });
    }
  }
  return lines;
}
