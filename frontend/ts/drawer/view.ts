/**
 * The drawer on the page: one element that holds one panel. Focus stays inside it and goes back to what opened it;
 * `body.drawer-open` stops the page behind from scrolling (who else cares watches that class).
 */
import { all, one } from "../lib/dom.js";
import { showToast } from "../lib/toast.js";

const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]):not([type="hidden"]), select, textarea, summary, [tabindex="0"]';

export interface DrawerView {
  root: HTMLElement;
  /** The panel's place: the dialog itself. */
  frame: HTMLElement;
  show(panel: HTMLElement): void;
  showLoading(): void;
  showFailed(): void;
  hide(): void;
}

export function openView(root: HTMLElement, frame: HTMLElement): DrawerView {
  let opener: HTMLElement | null = null;

  function appear(): void {
    if (!root.hidden) return;
    opener = document.activeElement instanceof HTMLElement && document.activeElement !== document.body ? document.activeElement : null;
    root.hidden = false;
    one("[data-toasts]")?.replaceChildren();
    setBehind(root, true);
  }

  function put(panel: Node, busy: boolean): void {
    appear();
    frame.replaceChildren(panel);
    // The dialog is named by the title of the panel that stands in it.
    one("[data-panel-title]", frame)?.setAttribute("id", frame.getAttribute("aria-labelledby") ?? "");
    frame.setAttribute("aria-busy", String(busy));
    const field = one("[autofocus], [aria-invalid='true']", frame);
    (busy ? frame : (field ?? frame)).focus({ preventScroll: true });
  }

  root.addEventListener("keydown", (event) => { if (event.key === "Tab") keepInside(event, frame); });
  return {
    root,
    frame,
    show: (panel) => {
      put(panel, false);
      sayFlashed(panel);
    },
    showLoading: () => put(part(root, "loading"), true),
    showFailed: () => put(part(root, "failed"), false),
    hide: () => {
      if (root.hidden) return;
      root.hidden = true;
      frame.replaceChildren();
      setBehind(root, false);
      const place = opener?.isConnected && opener.getClientRects().length ? opener : one("#main");
      place?.focus({ preventScroll: true });
    },
  };
}

function part(root: HTMLElement, name: string): Node {
  return one<HTMLTemplateElement>(`template[data-panel-${name}]`, root)?.content.cloneNode(true) ?? document.createTextNode("");
}

function setBehind(root: HTMLElement, away: boolean): void {
  document.body.classList.toggle("drawer-open", away);
  for (const child of document.body.children) {
    if (child instanceof HTMLElement && child !== root && !child.matches("[data-toasts]")) child.inert = away;
  }
}

/** Messages that came along with the panel are said once. */
function sayFlashed(panel: HTMLElement): void {
  for (const message of all("[data-flash]", panel)) {
    showToast({ text: message.textContent ?? "", bad: message.dataset["flash"] === "bad" });
    message.remove();
  }
}

function keepInside(event: KeyboardEvent, frame: HTMLElement): void {
  const stops = all(FOCUSABLE, frame).filter((element) => element.getClientRects().length > 0);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  const other = event.shiftKey ? stops.at(-1) : stops[0];
  if (!edge || !other) return;
  if (document.activeElement === edge || (event.shiftKey && document.activeElement === frame)) {
    event.preventDefault();
    other.focus();
  }
}
