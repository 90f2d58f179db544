/** The cart as one of the drawer's panels. */
import { closePanel, isAt, openPanel } from "../drawer/drawer.js";
import { one } from "../lib/dom.js";

export interface Drawer {
  open(): void;
  close(): void;
  isOpen(): boolean;
}

/** `onOpen` runs each time the panel is shown. Null on pages without a drawer. */
export function startDrawer(name: "cart", onOpen: () => void): Drawer | null {
  if (!one("[data-drawer]")) return null;
  document.addEventListener("panel:shown", () => { if (isAt(name)) onOpen(); });
  return { open: () => openPanel(name), close: closePanel, isOpen: () => isAt(name) };
}
