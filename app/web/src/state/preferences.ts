/** What this browser remembers: looks only. Nothing of a conversation or a session is ever stored in it. */
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const THEME = "kubechat.theme";

export const theme = signal<Theme>(stored());

/** Keep the document in the chosen theme; "system" follows the operating system. */
export function applyTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    try {
      localStorage.setItem(THEME, theme.value);
    } catch {
      // Storage is switched off: the choice lasts as long as the page.
    }
  });
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(THEME);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}
