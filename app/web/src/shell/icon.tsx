/** The few drawings of the page. Decoration only: whatever one means is also said in words. */
import type { JSX } from "preact";

const PATHS = {
  alert: "M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 2.8v.2",
  bell: "M6 17V11a6 6 0 1 1 12 0v6l1.5 2h-15L6 17Zm4 4h4",
  check: "m5 12.5 4.5 4.5L19 7.5",
  chevron: "m9 6 6 6-6 6",
  close: "M6 6l12 12M18 6 6 18",
  cluster: "M4 5h16v5H4zm0 9h16v5H4zm3-6.5h.1m-.1 9h.1",
  copy: "M9 9h10v11H9zM5 15V4h10",
  cross: "M7 7l10 10M17 7 7 17",
  down: "M12 5v14m-6-6 6 6 6-6",
  external: "M14 5h5v5m0-5-8 8M10 6H5v13h13v-5",
  info: "M12 11v6m0-9.5v.2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  kept: "m8 12.3 2.8 2.8L16 9.6M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.1M4 12h.1M4 18h.1",
  menu: "M4 7h16M4 12h16M4 17h16",
  pen: "m5 19 1-4L16.5 4.5l3 3L9 18l-4 1Z",
  plus: "M12 5v14M5 12h14",
  question: "M9 9.2a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2.1m0 3v.2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14Zm5 12 4.5 4.5",
  send: "M12 19V5m-6 6 6-6 6 6",
  slash: "M5.5 5.5l13 13M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z",
  stop: "M7 7h10v10H7z",
  trash: "M5 7h14m-9-3h4m-7 3 1 13h8l1-13m-6 4v6",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** A button that is a drawing; `label` is its name. */
export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly class?: string;
  readonly pressed?: boolean;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`icon-button ${props.class ?? ""}`}
      aria-label={props.label}
      aria-pressed={props.pressed}
      title={props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
