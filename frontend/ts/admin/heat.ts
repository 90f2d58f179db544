/**
 * The heat-map of delivery times: drag over slots, or arrows and Shift; the form below takes the range. A figure typed
 * on the map goes into the capacity, Enter leads there, Esc lets go. Touch keeps scrolling: two taps make a range.
 */
import { all, fill, one } from "../lib/dom.js";
import { type Choice, type Spot, choiceOf, holds, spotOf } from "./range.js";

const HEAT = "[data-heat]";
const SLOT = "[data-slot]";
let anchor: Spot | null = null;
let head: Spot | null = null;
let dragging = false;

export function startHeat(): void {
  if (!one(HEAT)) return;
  document.addEventListener("pointerdown", press);
  document.addEventListener("pointerover", (event) => { if (dragging) extend(slotAt(event.target)); });
  document.addEventListener("pointerup", () => { dragging = false; });
  document.addEventListener("click", tap);
  document.addEventListener("keydown", key);
  document.addEventListener("htmx:afterSettle", () => rove());
  rove();
}

function slotAt(target: EventTarget | null): HTMLButtonElement | null {
  return target instanceof Element ? target.closest<HTMLButtonElement>(SLOT) : null;
}

function press(event: PointerEvent): void {
  const slot = slotAt(event.target);
  if (!slot || event.button !== 0 || event.pointerType === "touch") return;
  event.preventDefault();
  slot.focus({ preventScroll: true });
  dragging = true;
  if (event.shiftKey && anchor) extend(slot);
  else begin(slot);
}

/** A finger: the first tap begins, a second one ends the range, a third begins anew. A mouse has done its work already. */
function tap(event: MouseEvent): void {
  const slot = slotAt(event.target);
  if (!slot) return;
  event.preventDefault();
  if ((event as PointerEvent).pointerType !== "touch") return;
  if (anchor && head && anchor.day === head.day && anchor.time === head.time && slot.value !== `${anchor.day}T${anchor.time}`) extend(slot);
  else begin(slot);
}

function begin(slot: HTMLButtonElement): void {
  anchor = head = spotOf(slot.value);
  show(slot);
}

function extend(slot: HTMLButtonElement | null): void {
  if (!slot || !anchor) return;
  head = spotOf(slot.value);
  show(slot);
}

function minutes(): number {
  const columns = Number(getComputedStyle(one(".th-heat") ?? document.body).getPropertyValue("--n")) || 4;
  return 60 / columns;
}

function show(focus: HTMLButtonElement): void {
  if (!anchor || !head) return;
  const choice = choiceOf(anchor, head, minutes());
  const sum = { times: 0, booked: 0, capacity: 0 };
  for (const slot of all<HTMLButtonElement>(SLOT)) {
    const inside = holds(choice, spotOf(slot.value));
    slot.closest("td")?.setAttribute("aria-selected", String(inside));
    if (!inside) continue;
    const [booked = 0, capacity = 0] = (slot.dataset["slot"] ?? "").split("/").map(Number);
    sum.times++;
    sum.booked += booked;
    sum.capacity += capacity;
  }
  rove(focus);
  write(choice, sum);
}

function write(choice: Choice, sum: { times: number; booked: number; capacity: number }): void {
  const form = one<HTMLFormElement>("#change");
  const heat = one(HEAT);
  if (!form || !heat) return;
  for (const [name, value] of Object.entries(choice)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
  const said = one("[data-said]", form);
  const text = fill(heat.dataset["picked"] ?? "", { from: choice.start, to: choice.until, ...sum });
  if (said) said.textContent = text;
}

/** One slot of the map is in the order of Tab; the arrows lead to the others. */
function rove(focus?: HTMLButtonElement): void {
  const slots = all<HTMLButtonElement>(SLOT);
  const chosen = focus ?? slots.find((slot) => !slot.classList.contains("p")) ?? slots[0];
  for (const slot of slots) slot.tabIndex = slot === chosen ? 0 : -1;
}

function key(event: KeyboardEvent): void {
  const slot = slotAt(event.target);
  if (!slot || event.ctrlKey || event.metaKey || event.altKey) return;
  const to = step(slot, event.key);
  if (to) {
    event.preventDefault();
    to.focus();
    if (event.shiftKey && anchor) extend(to);
    else begin(to);
    return;
  }
  const field = one<HTMLInputElement>("#change [name=capacity]");
  if (event.key === "Escape") begin(slot);
  else if (!field) return;
  else if (/^\d$/.test(event.key)) focusWith(field, event.key);
  else if (event.key === "Enter" || event.key === " ") focusWith(field, field.value);
  else return;
  event.preventDefault();
}

function focusWith(field: HTMLInputElement, value: string): void {
  field.value = value;
  field.focus();
  if (value.length !== 1) field.select();
}

const BY_DAY: Record<string, number> = { PageUp: -1, PageDown: 1 };

/** The slot that a key leads to: across the hour, down the day, Page to the same time of another day. */
function step(slot: HTMLButtonElement, pressed: string): HTMLButtonElement | null {
  const day = slot.closest("table");
  const days = all<HTMLTableElement>(`${HEAT} table`);
  if (!day) return null;
  const row = all<HTMLButtonElement>(SLOT, day);
  const at = row.indexOf(slot);
  if (pressed === "ArrowRight") return row[at + 1] ?? null;
  if (pressed === "ArrowLeft") return row[at - 1] ?? null;
  if (pressed === "Home") return row[0] ?? null;
  if (pressed === "End") return row.at(-1) ?? null;
  if (pressed === "ArrowDown" || pressed === "ArrowUp") return below(slot, pressed === "ArrowDown" ? 1 : -1);
  const days_ = BY_DAY[pressed];
  if (days_ === undefined) return null;
  const other = days[days.indexOf(day) + days_];
  const time = spotOf(slot.value).time;
  return other ? (all<HTMLButtonElement>(SLOT, other).find((one_) => spotOf(one_.value).time === time) ?? null) : null;
}

function below(slot: HTMLButtonElement, rows: number): HTMLButtonElement | null {
  const cell = slot.closest("td");
  const line = cell?.parentElement as HTMLTableRowElement | null;
  const body = line?.parentElement as HTMLTableSectionElement | null;
  if (!cell || !line || !body) return null;
  const target = body.rows[line.sectionRowIndex + rows];
  return target?.cells[cell.cellIndex]?.querySelector<HTMLButtonElement>(SLOT) ?? null;
}
