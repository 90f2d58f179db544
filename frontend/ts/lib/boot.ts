/** What every page of ours starts with. */
import { startHtmx } from "../htmx.js";
import { startTheme } from "../theme.js";
import { startMenus } from "./menus.js";
import { startToasts } from "./toast.js";

export function boot(): void {
  startTheme();
  startMenus();
  startHtmx();
  startToasts();
}
