/** The order drawer: opened by htmx or by the page, focus goes in and comes back, the address follows. */
import { delegate, isModified, one } from "../lib/dom.js";

let opener = "";

export function openCode(): string {
  return one("#panel [data-order]")?.dataset["order"] ?? "";
}

export function startDrawer(): void {
  const panel = one("#panel");
  if (!panel) return;
  document.addEventListener("htmx:beforeRequest", () => {
    const from = document.activeElement;
    if (from instanceof HTMLElement && !panel.contains(from)) opener = from.id;
  });
  panel.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === panel) show(panel);
  });
  delegate("click", "[data-close]", (event) => {
    if (isModified(event as MouseEvent)) return;
    event.preventDefault();
    closeDrawer();
  });
  if (openCode()) show(panel);
}

function show(panel: HTMLElement): void {
  const drawer = one("[data-order]", panel);
  if (!drawer) return;
  const address = new URL(location.href);
  address.pathname = address.pathname.replace(/\/orders\/.*$/, "/");
  address.searchParams.set("order", drawer.dataset["order"] ?? "");
  history.replaceState(null, "", address);
  markCurrent();
  if (!panel.contains(document.activeElement) || document.activeElement === document.body) drawer.focus({ preventScroll: true });
}

/** The card of the open order is marked; asked for again after the board was renewed. */
export function markCurrent(): void {
  const code = openCode();
  for (const card of document.querySelectorAll("[data-card]")) {
    if (code && card.getAttribute("data-card") === code) card.setAttribute("aria-current", "true");
    else card.removeAttribute("aria-current");
  }
}

export function closeDrawer(): boolean {
  const panel = one("#panel");
  const code = openCode();
  if (!panel || !code) return false;
  panel.replaceChildren();
  const address = new URL(location.href);
  address.searchParams.delete("order");
  history.replaceState(null, "", address);
  markCurrent();
  (document.getElementById(`card-${code}`) ?? document.getElementById(opener) ?? one("#main"))?.focus();
  return true;
}
