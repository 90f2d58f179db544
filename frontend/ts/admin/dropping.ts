/** A file is dropped onto its field; its name is shown, and the button says that it is on its way. */
import { all, one } from "../lib/dom.js";

export function startDropping(): void {
  for (const form of all<HTMLFormElement>("form[data-drop]")) {
    const field = one<HTMLInputElement>('input[type="file"]', form);
    const zone = one(".th-drop-zone", form);
    if (!field || !zone) continue;
    const name = one("[data-drop-name]", form);
    field.addEventListener("change", () => {
      const file = field.files?.[0];
      if (file && name) name.textContent = file.name;
    });
    for (const type of ["dragenter", "dragover"]) {
      zone.addEventListener(type, (event) => {
        event.preventDefault();
        zone.classList.add("over");
      });
    }
    zone.addEventListener("dragleave", () => zone.classList.remove("over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("over");
      if (!event.dataTransfer?.files.length) return;
      field.files = event.dataTransfer.files;
      field.dispatchEvent(new Event("change"));
    });
    form.addEventListener("submit", () => {
      const button = one<HTMLButtonElement>("button", form);
      if (!button) return;
      button.textContent = form.dataset["busy"] ?? button.textContent;
      button.setAttribute("aria-busy", "true");
    });
  }
}
