/** The cash sheet: notes to press, and the change while the driver types. The server reckons again. */
import { all, delegate, one } from "../lib/dom.js";

export interface Currency {
  currency: string;
  digits: number;
  locale: string;
}

/** What somebody typed, in minor units; null when it is no amount. The server reads it in the same way. */
export function readAmount(text: string, digits: number): number | null {
  const plain = text.replace(/US\$|\$|Rp/gi, "").trim().replace(/\s+/g, " ");
  const parted = digits > 0 ? new RegExp(`^(.*?)[.,](\\d{1,${digits}})$`).exec(plain) : null;
  const whole = parted ? parted[1] || "0" : plain;
  const grouped = /^\d{1,3}(?:([ .,'])\d{3})(?:\1\d{3})*$/.test(whole) && (parted !== null || digits === 0 || whole.includes(" "));
  if (!/^\d+$/.test(whole) && !grouped) return null;
  return Number(whole.replace(/\D/g, "")) * 10 ** digits + Number((parted?.[2] ?? "").padEnd(digits, "0"));
}

export function startCash(money: Currency): void {
  all("[data-notes]").forEach((notes) => { notes.hidden = false; });
  delegate("input", "[data-cash]", (_event, field) => reckon(field as HTMLInputElement, money));
  delegate("focusin", "[data-cash]", (_event, field) => (field as HTMLInputElement).select());
  delegate("click", "[data-note]", (_event, note) => {
    const field = note.closest("form")?.querySelector<HTMLInputElement>("[data-cash]");
    if (!field) return;
    field.value = typed(Number(note.dataset["note"]), money);
    reckon(field, money);
  });
}

function typed(minor: number, { digits, locale }: Currency): string {
  const places = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, { ...places, useGrouping: false }).format(minor / 10 ** digits);
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
