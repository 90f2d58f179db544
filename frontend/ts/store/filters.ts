/** Listing filters: `form[data-autosubmit]` is sent when a choice changes; "/" goes to the search field. */
import { delegate, one } from "../lib/dom.js";

export function startFilters(): void {
  delegate("change", "form[data-autosubmit]", (_event, form) => (form as HTMLFormElement).requestSubmit());
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.key !== "/" || event.ctrlKey || event.metaKey || target.closest("input, textarea, select, [contenteditable]")) return;
    const field = one<HTMLInputElement>("[data-search]:not([hidden])");
    if (!field) return;
    event.preventDefault();
    field.focus();
  });
}
