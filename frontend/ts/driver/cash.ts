/** The cash sheet: notes to press, and the change while the driver types. The server reckons again. */
import { all, delegate, one } from "../lib/dom.js";

export interface Currency {
  currency: string;
  digits: number;
  locale: string;
}

/** What somebody typed, in minor units; null when it is no amount. The same reading as on the server. */
export function readAmount(text: string, digits: number): number | null {
  let plain = text.replace(/[^\d.,-]/g, "");
  if (digits === 0) plain = plain.replace(/[.,]/g, "");
  else if (plain.includes(",") && plain.includes(".")) plain = plain.replaceAll(",", "");
  else plain = plain.replace(",", ".");
  const minor = Math.round(Number(plain) * 10 ** digits);
  return plain !== "" && Number.isFinite(minor) && minor >= 0 ? minor : null;
}

export function startCash(money: Currency): void {
  all("[data-notes]").forEach((notes) => { notes.hidden = false; });
  delegate("input", "[data-cash]", (_event, field) => reckon(field as HTMLInputElement, money));
  delegate("focusin", "[data-cash]", (_event, field) => (field as HTMLInputElement).select());
  delegate("click", "[data-note]", (_event, note) => {
    const field = note.closest("form")?.querySelector<HTMLInputElement>("[data-cash]");
    if (!field) return;
    field.value = (Number(note.dataset["note"]) / 10 ** money.digits).toFixed(money.digits);
    reckon(field, money);
  });
}

/** After the page was swapped. */
export function refreshCash(money: Currency): void {
  all("[data-notes]").forEach((notes) => { notes.hidden = false; });
  all<HTMLInputElement>("[data-cash]").forEach((field) => reckon(field, money));
}

function reckon(field: HTMLInputElement, { currency, digits, locale }: Currency): void {
  const form = field.closest("form");
  const change = form && one("[data-change]", form);
  if (!form || !change) return;
  const received = readAmount(field.value, digits);
  const due = Number(form.dataset["due"]);
  const left = received === null ? 0 : received - due;
  change.textContent = new Intl.NumberFormat(locale, {
    style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(Math.abs(left) / 10 ** digits).replace(/^/, left < 0 ? "−" : "");
  change.classList.toggle("text-danger-text", left < 0);
  for (const note of all("[data-note]", form)) note.setAttribute("aria-pressed", String(Number(note.dataset["note"]) === received));
}
