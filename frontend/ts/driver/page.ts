/** The driver's page as data and as pieces that are put in place of the old ones. */
import type { Place } from "../live/words.js";
import { all, one, pageData } from "../lib/dom.js";
import type { Spot } from "../map/region.js";

export interface StopData {
  code: string;
  number: number;
  name: string;
  pickedUp: boolean;
  branch: Spot;
  branchName: string;
  door: Spot | null;
  path: Spot[];
}

export interface DriverData extends Place {
  version: string;
  current: string | null;
  stops: StopData[];
  me: Spot | null;
  lastSeq: number;
  home: string;
  state: string;
  positions: string;
  currency: string;
  digits: number;
}

export function readData(): DriverData {
  const data = pageData<DriverData>("driver-data");
  if (!data) throw new Error("the page has no data");
  return data;
}

/** Put the named pieces of another rendering of this page in place of the present ones. */
export function swapPage(html: string): void {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const piece of all("[data-swap]")) {
    const next = one(`[data-swap="${piece.dataset["swap"]}"]`, fresh);
    if (next) piece.replaceWith(document.adoptNode(next));
  }
  const said = one("[data-toasts] .toast-i", fresh);
  if (said) {
    one("[data-toasts]")?.replaceChildren(document.adoptNode(said));
    setTimeout(() => said.remove(), 5000);
  }
}

/** Show one panel of one stop; the others wait. False when there is no such panel. */
export function showPanel(code: string, panel: string): boolean {
  const wanted = one(`[data-stop="${CSS.escape(code)}"][data-panel="${CSS.escape(panel)}"]`);
  if (!wanted) return false;
  for (const other of all("[data-panel]")) other.hidden = other !== wanted;
  for (const link of all(".drv-all [data-open]")) link.toggleAttribute("aria-current", link.dataset["open"] === code);
  return true;
}

export function openStop(): { code: string; panel: string } | null {
  const panel = all("[data-panel]").find((one) => !one.hidden);
  return panel ? { code: panel.dataset["stop"] ?? "", panel: panel.dataset["panel"] ?? "next" } : null;
}
