/** Parts that are loaded when they are first needed. */
import { useEffect, useState } from "preact/hooks";

/** What `load` gives; null until it is there, and for good when it cannot be loaded. */
export function useLoaded<T>(load: () => Promise<T>): T | null {
  const [loaded, setLoaded] = useState<{ readonly part: T } | null>(null);
  useEffect(() => {
    let shown = true;
    load().then(
      (part) => {
        if (shown) setLoaded({ part });
      },
      () => undefined, // without it the plain form stays
    );
    return () => {
      shown = false;
    };
  }, [load]);
  return loaded?.part ?? null;
}
