/**
 * One-time codes: `input[data-otp]` sends its form when the last digit is in; `button[data-otp-resend]` counts
 * down `data-seconds` with the text of `data-wait` ({seconds}) before it can be pressed.
 */
import { all, fill } from "./lib/dom.js";

export function startOtp(root: ParentNode = document): void {
  for (const field of all<HTMLInputElement>("input[data-otp]:not([data-ready])", root)) watchCode(field);
  for (const button of all<HTMLButtonElement>("button[data-otp-resend]:not([data-ready])", root)) countDown(button);
}

function watchCode(field: HTMLInputElement): void {
  field.dataset["ready"] = "";
  const length = Number(field.dataset["otp"]) || field.maxLength || 6;
  field.addEventListener("input", () => {
    field.value = field.value.replace(/\D/g, "").slice(0, length);
    if (field.value.length === length) field.form?.requestSubmit(goButton(field));
  });
}

/** The button beside the code; a form of several steps would otherwise send its first one. */
function goButton(field: HTMLInputElement): HTMLButtonElement | null {
  return field.closest("section, form")?.querySelector<HTMLButtonElement>("button.btn-primary:not([type=button])") ?? null;
}

function countDown(button: HTMLButtonElement): void {
  button.dataset["ready"] = "";
  const label = button.textContent ?? "";
  const until = Date.now() + (Number(button.dataset["seconds"]) || 0) * 1000;
  const timer = setInterval(tick, 500);
  tick();

  function tick(): void {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    const waiting = seconds > 0;
    button.disabled = waiting;
    button.textContent = waiting ? fill(button.dataset["wait"] ?? label, { seconds }) : label;
    if (!waiting || !button.isConnected) clearInterval(timer);
  }
}
