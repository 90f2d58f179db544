/** Entry of the staff console: the menu knows where it is, the theme switch works. */
import { all } from "../lib/dom.js";
import { startTheme } from "../theme.js";

startTheme();
const here = location.pathname.replace(/\/$/, "");
for (const link of all<HTMLAnchorElement>(".navbar-nav a[href]")) {
  if (new URL(link.href).pathname.replace(/\/$/, "") !== here) continue;
  link.closest("li")?.classList.add("active");
  link.closest("li.dropdown")?.classList.add("open");
}
