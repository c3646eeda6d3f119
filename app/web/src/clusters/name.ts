/** Names of clusters that are to be added. */

const LONGEST = 63; // as the gateway takes them

/** A name that the gateway takes, made of a context's: "arn:aws:eks:eu:1:cluster/shop" is called "shop". */
export function proposedName(context: string): string {
  const last = context.slice(context.lastIndexOf("/") + 1);
  return last
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, LONGEST);
}
