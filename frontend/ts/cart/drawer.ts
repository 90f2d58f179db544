/**
 * The right-hand panel: one at a time, focus inside it, Esc and the scrim close it, focus goes back to what
 * opened it. `body.drawer-open` stops the page behind from scrolling (the chat widget watches the same class).
 */
import { all, delegate, isModified, one } from "../lib/dom.js";

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]):not([type="hidden"]), select, textarea, [tabindex="0"]';

export interface Drawer {
  open(): void;
  close(): void;
  isOpen(): boolean;
}

export function startDrawer(name: string, onOpen: () => void): Drawer | null {
  const root = one(`[data-drawer="${name}"]`);
  const panel = root && one(".drw", root);
  if (!root || !panel) return null;
  let opener: HTMLElement | null = null;
  const drawer: Drawer = { open, close, isOpen: () => !root.hidden };

  function open(): void {
    if (!root || !root.hidden) return;
    opener = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    root.hidden = false;
    one("[data-toasts]")?.replaceChildren();
    setBehind(true);
    panel?.focus();
    onOpen();
  }

  function close(): void {
    if (!root || root.hidden) return;
    root.hidden = true;
    setBehind(false);
    if (opener?.isConnected) opener.focus();
  }

  function setBehind(away: boolean): void {
    document.body.classList.toggle("drawer-open", away);
    for (const child of document.body.children) {
      if (child instanceof HTMLElement && child !== root && !child.matches("[data-toasts]")) child.inert = away;
    }
  }

  delegate("click", `[data-opens="${name}"]`, (event) => {
    if (isModified(event)) return;
    event.preventDefault();
    open();
  });
  delegate("click", "[data-drawer-close]", (event, target) => {
    if (!root.contains(target)) return;
    event.preventDefault();
    close();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    else if (event.key === "Tab") keepInside(event, panel);
  });
  return drawer;
}

function keepInside(event: KeyboardEvent, panel: HTMLElement): void {
  const stops = all(FOCUSABLE, panel).filter((element) => element.getClientRects().length > 0);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  const other = event.shiftKey ? stops.at(-1) : stops[0];
  if (!edge || !other) return;
  if (document.activeElement === edge || (event.shiftKey && document.activeElement === panel)) {
    event.preventDefault();
    other.focus();
  }
}
