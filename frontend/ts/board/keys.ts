/** Keys of the board. They stay silent while somebody types or holds a modifier. */
import { all, one } from "../lib/dom.js";
import { closeDrawer } from "./drawer.js";

const CARDS = ".ocard-a, .bfailed .oline";

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !one("details.pop[open]")) {
      if (closeDrawer()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (press(event.key)) event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=radio], [type=checkbox]), textarea, select"));
}

function press(key: string): boolean {
  if (key === "a" || key === "A") return click("[data-acknowledge]");
  if (key === "?") return click(".pop:has(.bkeys) > summary");
  if (key === "/") return focus("[data-search]") || openFilters();
  if (!key.startsWith("Arrow") || document.activeElement?.closest(".map, #panel")) return false;
  return move(key);
}

function click(selector: string): boolean {
  const found = one(selector);
  found?.click();
  return Boolean(found);
}

function focus(selector: string): boolean {
  const found = all(selector).find((element) => element.offsetParent !== null);
  found?.focus();
  return Boolean(found);
}

/** On a phone the search stands among the filters. */
function openFilters(): boolean {
  const menu = one<HTMLDetailsElement>(".pop:has(.bfilt)");
  if (menu) menu.open = true;
  return focus("#f-find");
}

/** Up and down inside a column, left and right to the nearest column that has cards. */
function move(key: string): boolean {
  const cards = all(CARDS);
  const here = document.activeElement instanceof HTMLElement ? document.activeElement.closest<HTMLElement>(CARDS) : null;
  if (!here) {
    cards[0]?.focus();
    return cards.length > 0;
  }
  const lanes = all("[data-lane]").map((lane) => all(".ocard-a", lane)).filter((lane) => lane.length > 0);
  const column = lanes.findIndex((lane) => lane.includes(here));
  const row = lanes[column]?.indexOf(here) ?? 0;
  const sideways = key === "ArrowLeft" ? -1 : key === "ArrowRight" ? 1 : 0;
  const lane = lanes[column + sideways];
  if (column < 0 || !lane) return true;
  const wanted = sideways ? Math.min(row, lane.length - 1) : row + (key === "ArrowDown" ? 1 : -1);
  lane[Math.max(0, Math.min(wanted, lane.length - 1))]?.focus();
  return true;
}
