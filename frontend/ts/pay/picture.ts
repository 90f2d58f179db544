/** The field for a picture: what was chosen is shown, and one that the server would refuse is not sent at all. */
import { delegate, one } from "../lib/dom.js";

export function startPictures(): void {
  delegate("change", "[data-picture] input", (_event, field) => show(field as HTMLInputElement));
}

export function show(field: HTMLInputElement): void {
  const box = field.closest<HTMLElement>("[data-picture]");
  const file = field.files?.[0];
  if (!box) return;
  const tooLarge = !!file && file.size > Number(box.dataset["most"]);
  tell(field, box, tooLarge);
  if (tooLarge) field.value = "";
  const name = one("[data-picture-name]", box);
  if (name) name.textContent = file?.name ?? "";
  const mark = one(".send-photo-mark", box);
  if (file && !tooLarge && mark) draw(mark, file);
}

function draw(mark: HTMLElement, file: File): void {
  const picture = document.createElement("img");
  picture.alt = "";
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("load", () => {
    URL.revokeObjectURL(picture.src);
    mark.replaceChildren(picture);
  });
}

function tell(field: HTMLInputElement, box: HTMLElement, tooLarge: boolean): void {
  const error = document.getElementById(`${field.id}-error`);
  const words = error ? one("[data-large]", error) : null;
  box.classList.toggle("is-wrong", tooLarge);
  field.toggleAttribute("aria-invalid", tooLarge);
  if (!error || !words) return;
  words.textContent = tooLarge ? (words.dataset["large"] ?? "") : "";
  error.hidden = !tooLarge;
}
