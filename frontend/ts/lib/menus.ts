/** `<details class="pop">`: one open at a time, closed by Esc or a click elsewhere. */
import { all } from "./dom.js";

export function startMenus(): void {
  const open = () => all<HTMLDetailsElement>("details.pop[open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target as Node)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}
