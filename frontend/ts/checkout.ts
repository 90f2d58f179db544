/**
 * Checkout without surprises: a form marked `data-once` is sent once, its idempotency key stays as the server
 * rendered it, and coming Back to the page gives the button back. Cards refresh by htmx attributes in the template.
 */
import { all, delegate, one } from "./lib/dom.js";

const SENT = "data-sent";

export function startCheckout(): void {
  delegate("submit", "form[data-once]", (event, form) => {
    if (event.defaultPrevented) return;
    if (form.hasAttribute(SENT)) {
      event.preventDefault();
      return;
    }
    form.setAttribute(SENT, "");
    for (const button of submitButtons(form)) button.setAttribute("aria-busy", "true");
  });
  addEventListener("pageshow", releaseAll);
  document.addEventListener("htmx:afterRequest", releaseAll);
  document.addEventListener("htmx:afterSettle", showRefusal);
}

/** A refused step says why in a card that may be out of sight: bring it there and put the focus on the field. */
function showRefusal(event: Event): void {
  const status = (event as CustomEvent<{ xhr?: XMLHttpRequest }>).detail.xhr?.status ?? 0;
  if (status !== 409 && status !== 422) return;
  // What has to be accepted stands in the summary; a notice above the cards only says that there is something.
  const place = one('#co-summary [role="alert"]') ?? one('#checkout [aria-invalid="true"], #checkout .err, #co-notices > *');
  place?.scrollIntoView({ block: "center" });
  if (place?.matches("input, textarea, select")) place.focus({ preventScroll: true });
}

function releaseAll(): void {
  for (const form of all(`form[${SENT}]`)) {
    form.removeAttribute(SENT);
    for (const button of submitButtons(form)) button.removeAttribute("aria-busy");
  }
}

function submitButtons(form: HTMLElement): HTMLElement[] {
  const outside = form.id ? all(`button[form="${CSS.escape(form.id)}"]`) : [];
  return [...all("button:not([type=button])", form), ...outside];
}
