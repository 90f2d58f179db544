/** The cash sheet: notes to press, the change while the driver types, and what becomes of it. The server reckons again. */
import { all, delegate, fill, one } from "../lib/dom.js";

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
  delegate("change", "[data-way]", (_event, way) => {
    const field = way.closest("form")?.querySelector<HTMLInputElement>("[data-cash]");
    if (field) reckon(field, money);
  });
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

/** What goes into the wallet of the change, by the way that is chosen. */
export function intoWallet(change: number, way: string, unit: number): number {
  if (change <= 0) return 0;
  if (way === "wallet") return change;
  return way === "coins" ? change % unit : 0;
}

function reckon(field: HTMLInputElement, money: Currency): void {
  const form = field.closest("form");
  const change = form && one("[data-change]", form);
  if (!form || !change) return;
  const received = readAmount(field.value, money.digits);
  const left = received === null ? 0 : received - Number(form.dataset["due"]);
  const kept = sayWays(form, left, money);
  change.textContent = shown(Math.abs(left) - kept, money).replace(/^/, left < 0 ? "−" : "");
  change.classList.toggle("text-danger-text", left < 0);
  for (const note of all("[data-note]", form)) note.setAttribute("aria-pressed", String(Number(note.dataset["note"]) === received));
  const after = one("[data-cash-after]", form);
  if (after) after.textContent = shown(Number(after.dataset["cashAfter"]) + kept, money);
}

/** The ways with their amounts, as far as there is change for them; what of it goes into the wallet. */
function sayWays(form: HTMLElement, change: number, money: Currency): number {
  const ways = one("[data-ways]", form);
  if (!ways) return 0;
  const unit = Number(ways.dataset["unit"]);
  const coins = change > 0 ? change % unit : 0;
  ways.hidden = change <= 0;
  for (const way of all<HTMLInputElement>("[data-way]", ways)) {
    const tile = way.closest<HTMLElement>(".tile");
    const said = tile && one("[data-said]", tile);
    if (!tile || !said) continue;
    tile.hidden = way.value === "coins" && (coins === 0 || coins === change);
    if (tile.hidden && way.checked) all<HTMLInputElement>("[data-way]", ways).at(-1)!.checked = true;
    const amounts = { notes: shown(change - coins, money), coins: shown(coins, money), change: shown(change, money) };
    if (change > 0) said.textContent = fill(said.dataset["said"] ?? "", amounts);
  }
  return intoWallet(change, one<HTMLInputElement>("[data-way]:checked", ways)?.value ?? "", unit);
}

function shown(minor: number, { currency, digits, locale }: Currency): string {
  return new Intl.NumberFormat(locale, {
    style: "currency", currency, currencyDisplay: "narrowSymbol", minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(minor / 10 ** digits);
}
