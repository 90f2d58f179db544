/** Entry of the staff console: the side-nav opens, menus close, questions are asked, cells can be typed over. */
import { startHtmx } from "../htmx.js";
import { all, delegate, isModified, one } from "../lib/dom.js";
import { startTheme } from "../theme.js";
import { startHeat } from "./heat.js";
import { startDropping } from "./dropping.js";
import { startSorting } from "./sorting.js";
import { startTree } from "./tree.js";

startTheme();
startHtmx();
startSections();
startMenus();
startCells();
startHeat();
startDropping();
startSorting();
startTree();

/** The areas of the side-nav fold; without a script each leads to its first page. */
function startSections(): void {
  delegate("click", "[data-area]", (event, link) => {
    if (isModified(event)) return;
    event.preventDefault();
    toggle(link, !link.closest("li")?.classList.contains("open"));
  });
  delegate("click", "[data-nav-toggle]", (_event, button) => {
    const open = !!document.getElementById("sections")?.classList.toggle("in");
    button.setAttribute("aria-expanded", String(open));
  });
}

/** Language, theme and person: one open at a time, closed by Esc or a click elsewhere. */
function startMenus(): void {
  const links = () => all("[data-pop]");
  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-pop]") : null;
    if (pressed) event.preventDefault();
    for (const link of links()) {
      const inside = link.closest("li")?.contains(event.target as Node);
      if (link === pressed) toggle(link, !link.closest("li")?.classList.contains("open"));
      else if (!inside) toggle(link, false);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const link of links()) {
      if (!link.closest("li.open")) continue;
      toggle(link, false);
      link.focus();
    }
  });
}

function toggle(link: HTMLElement, open: boolean): void {
  link.closest("li")?.classList.toggle("open", open);
  link.setAttribute("aria-expanded", String(open));
}

/** Deleting asks first; a chosen page size is taken at once; a cell that opens has the cursor, Esc closes it. */
function startCells(): void {
  delegate("submit", "form[data-confirm]", (event, form) => {
    if (!confirm(form.dataset["confirm"])) event.preventDefault();
  });
  delegate("change", "select[data-submits]", (_event, select) => (select as HTMLSelectElement).form?.requestSubmit());
  delegate("change", "[data-tick-all]", (_event, box) => {
    for (const tick of all<HTMLInputElement>("input.th-tick[name]")) tick.checked = (box as HTMLInputElement).checked;
  });
  document.addEventListener("htmx:afterSwap", () => {
    const field = one<HTMLInputElement>("[data-cell] [data-focus][aria-invalid], [data-cell] [data-focus]");
    field?.focus();
    field?.select();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(event.target instanceof Element)) return;
    event.target.closest("[data-cell]")?.querySelector<HTMLElement>("[data-cancel]")?.click();
  });
}
