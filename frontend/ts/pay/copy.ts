/** Buttons that copy what stands beside them, and say so for a moment. */
import { all, delegate } from "../lib/dom.js";

const SHOWN_MS = 2000;

export function startCopying(): void {
  const reveal = () => all("[data-copy][hidden]").forEach((button) => { button.hidden = false; });
  reveal();
  document.addEventListener("htmx:load", reveal);
  delegate("click", "[data-copy]", (_event, button) => void copy(button));
}

export async function copy(button: HTMLElement): Promise<void> {
  const text = button.dataset["copy"] ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    select(button);  // without a secure page or the right to it: marked, ready for Ctrl+C
    return;
  }
  const label = button.querySelector("span");
  const said = button.dataset["copied"];
  if (!label || !said || label.textContent === said) return;
  const before = label.textContent;
  label.textContent = said;
  button.classList.add("is-done");
  setTimeout(() => {
    label.textContent = before;
    button.classList.remove("is-done");
  }, SHOWN_MS);
}

function select(button: HTMLElement): void {
  const value = button.parentElement?.querySelector("[aria-labelledby]");
  if (value) getSelection()?.selectAllChildren(value);
}
