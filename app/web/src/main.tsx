/** Starts the page. */
import { render } from "preact";
import { App } from "./shell/app";
import { followTitle } from "./shell/header";
import { watchLoad } from "./state/load";
import { applyTheme } from "./state/preferences";
import { followAddress } from "./state/route";
import { begin } from "./state/session";

applyTheme();
followAddress();
watchLoad();
followTitle();
void begin();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
