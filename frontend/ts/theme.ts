/**
 * Theme switch. `form[data-theme-form]` posts the choice like any form; with a script the page changes at once
 * and the same post runs behind it, so that the next page is rendered in the chosen theme.
 */
import { all, delegate } from "./lib/dom.js";
import { csrfToken } from "./lib/http.js";

export function startTheme(): void {
  delegate("submit", "form[data-theme-form]", (event, target) => {
    const form = target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (!button) return;
    event.preventDefault();
    applyTheme(button.value);
    const body = new FormData(form);
    body.set(button.name, button.value);
    fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() }, redirect: "manual" })
      .catch(() => form.submit());
    form.closest("details")?.removeAttribute("open");
  });
}

/** '' follows the operating system. */
export function applyTheme(theme: string): void {
  if (theme) document.documentElement.dataset["theme"] = theme;
  else delete document.documentElement.dataset["theme"];
  for (const button of all<HTMLButtonElement>("form[data-theme-form] button[name=theme]")) {
    if (button.value === theme) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}
