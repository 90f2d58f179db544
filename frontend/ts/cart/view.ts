/** The cart on the page: badges, totals, steppers, card controls, and the panels the server renders. */
import { all, one } from "../lib/dom.js";
import { countOf, type Line } from "./document.js";
import type { Quote } from "./quote.js";

/** Everything that needs only skus and quantities: at once, before the server answers. */
export function showLines(lines: readonly Line[]): void {
  const count = countOf(lines);
  for (const badge of all("[data-cart-count]")) {
    badge.textContent = String(count);
    badge.hidden = count === 0;
  }
  const bySku = new Map(lines.map((line) => [line.sku, line.qty]));
  for (const form of all("form[data-qty]")) showStepper(form, bySku.get(form.dataset["sku"] ?? "") ?? 0);
  for (const control of all("[data-cart-control]")) {
    const inCart = bySku.has(control.dataset["cartControl"] ?? "");
    const focused = control.contains(document.activeElement);
    for (const form of all("form[data-add-to-cart]", control)) form.hidden = inCart;
    for (const form of all("form[data-qty]", control)) form.hidden = !inCart;
    // The pressed button has just gone: its counterpart takes the focus, so that a keyboard can go on.
    if (focused && document.activeElement?.closest("form")?.hidden !== false) one("form:not([hidden]) button:last-of-type", control)?.focus();
  }
  if (count === 0) showTotal("");
  document.documentElement.dataset["cartReady"] = "";
}

export function showQuote(quote: Quote): void {
  showTotal(quote.count > 0 ? quote.total : "");
  for (const label of all("[data-cart-count-label]")) label.textContent = quote.count_label ?? "";
  for (const panel of all("[data-cart-panel]")) {
    const back = rememberFocus(panel);
    panel.innerHTML = quote.html;
    panel.removeAttribute("aria-busy");
    back();
  }
}

export function showBusy(busy: boolean): void {
  for (const panel of all("[data-cart-panel]")) panel.setAttribute("aria-busy", String(busy));
}

function showTotal(total: string): void {
  for (const place of all("[data-cart-total]")) {
    place.textContent = total || (place.dataset["empty"] ?? "");
    place.hidden = place.textContent === "";
  }
}

function showStepper(form: HTMLElement, qty: number): void {
  const max = Number(form.dataset["max"]) || Infinity;
  const number = one("[data-qty-value]", form);
  if (number) number.textContent = String(qty);
  for (const button of all<HTMLButtonElement>("button[data-step]", form)) {
    const next = Math.max(0, qty + Number(button.dataset["step"]));
    button.value = String(next);
    button.disabled = next > qty && next > max;
  }
}

/** The server's HTML replaces the buttons: put the focus back on the same button of the same line. */
function rememberFocus(panel: HTMLElement): () => void {
  const active = document.activeElement;
  if (!(active instanceof HTMLElement) || !panel.contains(active)) return () => undefined;
  const sku = active.closest<HTMLElement>("form[data-sku]")?.dataset["sku"];
  const step = active.dataset["step"];
  return () => {
    const same = sku && step ? one(`form[data-sku="${CSS.escape(sku)}"] [data-step="${step}"]`, panel) : null;
    (same ?? panel.closest<HTMLElement>("[tabindex]"))?.focus();
  };
}
