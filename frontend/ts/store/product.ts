/** Product page: the price follows the chosen pack, "+" and "−" move the quantity between one and what can be had. */
import { all, one } from "../lib/dom.js";

export function startProduct(root: ParentNode = document): void {
  const form = one<HTMLFormElement>("form[data-buy]:not([data-ready])", root);
  const quantity = form && one<HTMLInputElement>("input[name=qty]", form);
  if (!form || !quantity) return;
  form.dataset["ready"] = "";
  form.addEventListener("change", (event) => {
    const choice = event.target as HTMLInputElement;
    if (choice.name === "sku") showChoice(form, choice);
    keepInRange(form, quantity);
  });
  for (const button of all<HTMLButtonElement>("[data-buy-step]", form)) {
    button.addEventListener("click", () => {
      quantity.value = String(Number(quantity.value) + Number(button.dataset["buyStep"]));
      keepInRange(form, quantity);
    });
  }
  keepInRange(form, quantity);
}

function showChoice(form: HTMLFormElement, choice: HTMLInputElement): void {
  const { price = "", before = "", most = "1" } = choice.dataset;
  const label = one("[data-sku-label]", form.closest("[data-panel]") ?? document);
  if (label) label.textContent = choice.value;
  for (const place of all("[data-buy-price]", form)) place.textContent = price;
  for (const place of all("[data-buy-before]", form)) {
    place.textContent = before;
    place.hidden = !before;
  }
  const quantity = one<HTMLInputElement>("input[name=qty]", form);
  if (quantity) quantity.max = most;
}

function keepInRange(form: HTMLFormElement, quantity: HTMLInputElement): void {
  const most = Number(quantity.max) || Infinity;
  const now = Math.min(most, Math.max(1, Math.round(Number(quantity.value)) || 1));
  quantity.value = String(now);
  for (const button of all<HTMLButtonElement>("[data-buy-step]", form)) {
    const next = now + Number(button.dataset["buyStep"]);
    button.disabled = next < 1 || next > most;
  }
}
