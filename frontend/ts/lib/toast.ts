/** Toasts in the region the layout renders; texts come from the caller's template. */
import { all, one } from "./dom.js";

export interface Toast {
  text: string;
  bad?: boolean;
  action?: { label: string; run: () => void };
}

const SHOWN_MS = 5000;
/** With something to press the toast stays longer. */
const WITH_ACTION_MS = 8000;

export function showToast({ text, bad = false, action }: Toast): void {
  const region = one("[data-toasts]");
  if (!region || !text) return;
  const item = document.createElement("div");
  item.className = bad ? "toast-i bad" : "toast-i";
  const words = document.createElement("span");
  words.textContent = text;
  item.append(words);
  if (action) item.append(actionButton(action, () => item.remove()));
  region.replaceChildren(item);
  setTimeout(() => item.remove(), action ? WITH_ACTION_MS : SHOWN_MS);
}

/** Messages the server flashed into the page leave by themselves as well. */
export function startToasts(): void {
  const flashed = all("[data-toasts] .toast-i");
  setTimeout(() => flashed.forEach((item) => item.remove()), WITH_ACTION_MS);
}

function actionButton(action: { label: string; run: () => void }, close: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = action.label;
  button.addEventListener("click", () => {
    close();
    action.run();
  });
  return button;
}
