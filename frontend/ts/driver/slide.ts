/**
 * Slide to confirm: a button (or link) that wants a slide of its knob, or press-and-hold, or Enter. A stray touch does
 * nothing; without this script it is an ordinary button.
 */
import { showToast } from "../lib/toast.js";

const HOLD_MS = 600;
const ENOUGH = 0.6;

interface Grip {
  control: HTMLElement;
  startX: number;
  room: number;
  moved: number;
  timer: number;
}

let grip: Grip | null = null;
const confirmed = new WeakSet<HTMLElement>();

/** Wire every `[data-slide]`, now or added later. `hint` is said after a stray touch. */
export function startSlides(hint: () => string): void {
  document.addEventListener("pointerdown", (event) => {
    const control = (event.target as Element).closest<HTMLElement>("[data-slide]");
    if (control && event.button === 0) take(control, event);
  });
  document.addEventListener("pointermove", (event) => { if (grip) move(event); });
  document.addEventListener("pointerup", () => release());
  document.addEventListener("pointercancel", () => drop());
  document.addEventListener("dragstart", (event) => { if (grip) event.preventDefault(); });
  document.addEventListener("contextmenu", (event) => { if ((event.target as Element).closest("[data-slide]")) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    const control = (event.target as Element).closest<HTMLElement>("[data-slide]");
    if (!control || event.detail === 0) return; // 0: Enter, Space or ours
    event.preventDefault();
    event.stopImmediatePropagation();
    if (confirmed.delete(control)) return;
    showToast({ text: hint() });
  }, { capture: true });
}

function take(control: HTMLElement, event: PointerEvent): void {
  const knob = control.querySelector<HTMLElement>(".knob");
  const room = control.clientWidth - (knob?.offsetWidth ?? 72) - 10;
  control.dataset["holding"] = "";
  grip = { control, startX: event.clientX, room, moved: 0, timer: window.setTimeout(() => confirm(), HOLD_MS) };
}

function move(event: PointerEvent): void {
  if (!grip) return;
  const way = getComputedStyle(grip.control).direction === "rtl" ? grip.startX - event.clientX : event.clientX - grip.startX;
  grip.moved = Math.min(grip.room, Math.max(0, way));
  if (Math.abs(event.clientX - grip.startX) > 8) {
    clearTimeout(grip.timer);
    delete grip.control.dataset["holding"];
    grip.control.dataset["sliding"] = "";
  }
  grip.control.style.setProperty("--slid", `${grip.moved}px`);
}

function release(): void {
  if (grip && grip.moved >= grip.room * ENOUGH) confirm();
  else drop();
}

function drop(): void {
  if (!grip) return;
  clearTimeout(grip.timer);
  const { control } = grip;
  grip = null;
  delete control.dataset["holding"];
  delete control.dataset["sliding"];
  control.style.removeProperty("--slid");
}

function confirm(): void {
  const control = grip?.control;
  drop();
  if (!control) return;
  navigator.vibrate?.(30);
  confirmed.add(control); // the browser still sends the click of lifting the finger
  control.click(); // a click of ours has detail 0
}
