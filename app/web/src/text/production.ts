/** Which clusters need more care. */

/** Whether a cluster is to be treated as production, by its name: there is no other word for it in a kubeconfig. */
export function isProduction(cluster: string): boolean {
  return /(^|[^a-z])(prod|prd|production|live)([^a-z]|$)/i.test(cluster);
}
