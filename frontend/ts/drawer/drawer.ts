/**
 * The drawer: clicks, forms and the browser's history become signals of the machine, what it says is shown.
 *
 * Every opened panel is an entry of the history with the page's own address plus `?panel=…`, so Back, Forward, a
 * refresh and a sent link are the browser's own business. A panel that has been shown says `panel:shown`.
 */
import { all, isModified, one } from "../lib/dom.js";
import { showToast } from "../lib/toast.js";
import { htmx } from "../htmx.js";
import { PARAM, type Paths, pageOf, readSpot, spotAt, withPanel, writeSpot } from "./address.js";
import { askPanel, type Answer } from "./fragments.js";
import { CLOSED, type Drawer, type PanelName, type Signal, type Spot, sameSpot, spotOf, stateOf, step } from "./machine.js";
import { type DrawerView, openView } from "./view.js";

/** A quick answer replaces the panel before it; a slow one is announced. */
const PATIENCE_MS = 150;
/** Panels kept as they were left, so that Back shows what was typed. */
const MOST_KEPT = 8;
const OWN_FORMS = "[data-add-to-cart], [data-qty], [data-theme-form], [hx-post], [method=get]";

interface Mark {
  spot: string;
  before: string[];
}

let drawer: Drawer = CLOSED;
let view: DrawerView | null = null;
let paths: Paths = {};
let reloading = "";
const kept = new Map<string, HTMLElement>();

/** Whether this panel stands open. */
export function isAt(name: PanelName): boolean {
  return stateOf(drawer) === name;
}

/** Open a panel by name; true when there is a drawer on this page. */
export function openPanel(name: PanelName): boolean {
  const spot = spotOf(name);
  if (!view || !spot) return false;
  go(spot);
  return true;
}

export function closePanel(): void {
  if (drawer.phase === "closed") return;
  const entries = drawer.before.length + 1;
  dispatch({ type: "close" });
  history.go(-entries);
}

/** Where a link leads: into the drawer on a phone and from inside the drawer's own links, else to its page. */
export function followLink(link: HTMLAnchorElement): void {
  const spot = view && spotAt(link.href, location.href, paths);
  if (spot && !matchMedia("(min-width: 1024px)").matches) go(spot);
  else location.assign(link.href);
}

export function startDrawer(): void {
  const root = one("[data-drawer]");
  const frame = root && one(".drw", root);
  if (!root || !frame) return;
  paths = JSON.parse(root.dataset["paths"] ?? "{}") as Paths;
  view = openView(root, frame);
  document.addEventListener("click", onClick);
  root.addEventListener("submit", onSubmit);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.defaultPrevented) closePanel(); });
  document.addEventListener("htmx:configRequest", nameThePanel);
  addEventListener("popstate", onHistory);
  openAddressed();
}

/** The page was loaded with a panel in its address: a refresh knows where Back goes, a sent link gets a page to go back to. */
function openAddressed(): void {
  const spot = readSpot(new URL(location.href).searchParams.get(PARAM));
  if (!spot) return;
  const mark = readMark();
  if (mark && sameSpot(mark.spot, spot)) return dispatch({ type: "restore", ...mark });
  history.replaceState(null, "", withPanel(location.href, null));
  go(spot);
}

function onHistory(): void {
  if (reloading) {
    const to = reloading;
    reloading = "";
    if (to === location.pathname + location.search) location.reload();
    else location.replace(to);
    return;
  }
  const mark = readMark();
  dispatch({ type: "restore", spot: mark?.spot ?? null, before: mark?.before ?? [] });
}

function readMark(): { spot: Spot; before: Spot[] } | null {
  const mark = (history.state as { drawer?: Mark } | null)?.drawer;
  const spot = mark ? readSpot(mark.spot) : null;
  return mark && spot ? { spot, before: mark.before.map(readSpot).filter((one) => one !== null) } : null;
}

function go(spot: Spot): void {
  const next = step(drawer, { type: "open", spot });
  if (next === drawer) return;
  const isBack = drawer.phase !== "closed" && next.phase !== "closed" && next.before.length < drawer.before.length;
  if (isBack) return history.back();
  // Page and query of the page behind stay as they are.
  become(next);
  if (next.phase !== "closed") history.pushState(markOf(next), "", withPanel(location.href, next.spot));
  follow();
}

function markOf(open: { spot: Spot; before: readonly Spot[] }): { drawer: Mark } {
  return { drawer: { spot: writeSpot(open.spot), before: open.before.map(writeSpot) } };
}

function dispatch(signal: Signal): void {
  const next = step(drawer, signal);
  if (next === drawer) return;
  become(next);
  follow();
}

function become(next: Drawer): void {
  const standing = view && one("[data-panel]", view.frame);
  if (drawer.phase === "shown" && standing && (next.phase === "closed" || !sameSpot(next.spot, drawer.spot))) keep(drawer.spot, standing);
  drawer = next;
}

function keep(spot: Spot, panel: HTMLElement): void {
  const name = writeSpot(spot);
  kept.delete(name);
  kept.set(name, panel);
  const oldest = kept.keys().next().value;
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
}

/** Show what the machine says. */
function follow(): void {
  if (drawer.phase === "closed") {
    kept.clear();
    view?.hide();
  } else if (drawer.phase === "failed") {
    view?.showFailed();
    tellBack();
  } else if (drawer.phase === "loading") {
    view?.frame.setAttribute("aria-busy", "true");
    void load(drawer.spot);
  }
}

async function load(spot: Spot): Promise<void> {
  const before = kept.get(writeSpot(spot)) ?? standIn(spot);
  if (before) return arrive(spot, { panel: before, at: pageOf(spot, paths) });
  const wait = setTimeout(() => stillAt(spot) && announce(), view?.root.hidden ? 0 : PATIENCE_MS);
  try {
    arrive(spot, await askPanel(pageOf(spot, paths)));
  } catch {
    dispatch({ type: "failed", for_: spot });
  } finally {
    clearTimeout(wait);
  }
}

function announce(): void {
  view?.showLoading();
  tellBack();
}

function stillAt(spot: Spot): boolean {
  return drawer.phase === "loading" && sameSpot(drawer.spot, spot);
}

/** A panel the page brought along, such as the cart: its content is what this browser keeps. */
function standIn(spot: Spot): HTMLElement | null {
  const template = one<HTMLTemplateElement>(`template[data-panel-of="${spot.name}"]`, view?.root);
  return template ? (template.content.cloneNode(true) as DocumentFragment).querySelector<HTMLElement>("[data-panel]") : null;
}

function arrive(for_: Spot, answer: Answer): void {
  if (drawer.phase === "closed" || !sameSpot(drawer.spot, for_)) return;
  if ("leave" in answer) return location.assign(answer.leave);
  const spot = spotAt(answer.at, location.href, paths) ?? for_;
  if (isOfAnotherPage(answer.panel)) return reload(spot);
  dispatch({ type: "arrived", for_, spot });
  if (!sameSpot(spot, for_)) history.replaceState(markOf({ ...drawer, spot }), "", withPanel(location.href, spot));
  put(answer.panel);
}

function put(panel: HTMLElement): void {
  takeToken(panel);
  view?.show(panel);
  tellBack();
  htmx.process(panel);
  panel.dispatchEvent(new CustomEvent("panel:shown", { bubbles: true, detail: { state: stateOf(drawer) } }));
}

function tellBack(): void {
  const more = drawer.phase !== "closed" && drawer.before.length > 0;
  for (const button of all<HTMLButtonElement>("[data-panel-back]", view?.frame)) button.hidden = !more;
}

/** Somebody signed in or out, or chose another language: the page behind is out of date. */
function isOfAnotherPage(panel: HTMLElement): boolean {
  const { who, lang } = panel.dataset;
  const page = document.body.dataset["who"] ?? "";
  return (who !== undefined && who !== page) || (lang !== undefined && lang !== document.documentElement.lang);
}

/** Load the page behind anew, with this panel or none, and without the panels that led here or an older language. */
function reload(spot: Spot | null): void {
  if (drawer.phase === "closed") return;
  const here = new URL(location.href);
  here.searchParams.delete("lang");
  reloading = withPanel(here.href, spot);
  history.go(-(drawer.before.length + 1));
}

/** The session may have a new token: every form of the page needs it. */
function takeToken(panel: HTMLElement): void {
  const token = panel.dataset["token"];
  if (!token) return;
  one<HTMLMetaElement>('meta[name="csrf-token"]')?.setAttribute("content", token);
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const field of all<HTMLInputElement>('input[name="csrf_token"]')) field.value = token;
}

function nameThePanel(event: Event): void {
  const { elt, headers } = (event as CustomEvent<{ elt: Element; headers: Record<string, string> }>).detail;
  if (view?.root.contains(elt)) headers["X-Panel"] = "1";
}

function onClick(event: MouseEvent): void {
  const target = event.target instanceof Element ? event.target : null;
  if (!target || isModified(event) || event.defaultPrevented) return;
  const inside = view?.root.contains(target);
  if (inside && target.closest("[data-drawer-close]")) return take(event, closePanel);
  if (inside && target.closest("[data-panel-back]")) return take(event, () => history.back());
  if (inside && target.closest("[data-panel-retry]")) return take(event, () => dispatch({ type: "retry" }));
  const link = target.closest<HTMLAnchorElement>("a[href]");
  if (!link || link.target || (!inside && !("opens" in link.dataset)) || "checkout" in link.dataset || "leaves" in link.dataset) return;
  if (inside && link.getAttribute("href")?.startsWith("#")) return take(event, () => jump(link.hash));
  const spot = spotAt(link.href, location.href, paths);
  if (!spot) return;
  const isPageBehind = new URL(link.href).pathname === location.pathname;
  if (!isPageBehind) take(event, () => go(spot));
  else if (inside) take(event, closePanel);
}

function take(event: Event, act: () => void): void {
  event.preventDefault();
  act();
}

function jump(hash: string): void {
  document.getElementById(hash.slice(1))?.scrollIntoView();
}

function onSubmit(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  if (form.matches(OWN_FORMS) || drawer.phase === "closed") return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") !== "true") void send(form, event.submitter, drawer.spot);
}

async function send(form: HTMLFormElement, button: HTMLElement | null, from: Spot): Promise<void> {
  form.setAttribute("aria-busy", "true");
  button?.setAttribute("aria-busy", "true");
  try {
    const action = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? pageOf(from, paths);
    const answer = await askPanel(action, { method: "POST", body: new FormData(form, button) });
    kept.clear();
    if (drawer.phase !== "closed" && sameSpot(drawer.spot, from)) answerForm(answer, from, action);
  } catch {
    showToast({ text: one("[data-toasts]")?.dataset["failed"] ?? "", bad: true });
  } finally {
    form.removeAttribute("aria-busy");
    form.removeAttribute("data-sent");
    button?.removeAttribute("aria-busy");
  }
}

/** The same panel again, the next one, or a page. */
function answerForm(answer: Answer, from: Spot, action: string): void {
  if ("leave" in answer) {
    const home = answer.leave === "/" || answer.leave === location.pathname + location.search;
    return home ? reload(null) : location.assign(answer.leave);
  }
  const spot = answer.at === action ? from : (spotAt(answer.at, location.href, paths) ?? from);
  if (isOfAnotherPage(answer.panel)) return reload(spot);
  if (!sameSpot(spot, from)) {
    const next = step(drawer, { type: "open", spot });
    if (next.phase === "closed" || drawer.phase === "closed") return;
    if (next.before.length < drawer.before.length) return history.back();
    history.pushState(markOf(next), "", withPanel(location.href, spot));
    become(step(next, { type: "arrived", for_: spot, spot }));
    kept.clear();
  }
  put(answer.panel);
}
