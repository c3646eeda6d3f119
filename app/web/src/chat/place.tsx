/** Where something happens: cluster and namespace, with production said in words. */
import type { JSX } from "preact";
import { Icon } from "../shell/icon";
import { isProduction } from "../text/production";

export function Place(props: { readonly cluster: string; readonly namespace: string }): JSX.Element {
  return (
    <span class="place-tag">
      {isProduction(props.cluster) && <ProductionTag />}
      <span>{[props.cluster, props.namespace].filter((part) => part !== "").join(" / ")}</span>
    </span>
  );
}

export function ProductionTag(): JSX.Element {
  return (
    <span class="tag production">
      <Icon name="alert" /> Production
    </span>
  );
}
