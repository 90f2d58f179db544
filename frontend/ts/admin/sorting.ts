/** Rows that are dragged into order: [data-sort] holds the address, [data-sort-id] the rows, [data-sort-handle] the grip. */
import Sortable from "sortablejs";
import { all, one, prefersReducedMotion } from "../lib/dom.js";

/** The buttons beside each row do the same without dragging. */
export function startSorting(): void {
  for (const list of all("[data-sort]")) {
    Sortable.create(list, {
      draggable: "[data-sort-id]",
      handle: "[data-sort-handle]",
      animation: prefersReducedMotion() ? 0 : 150,
      ghostClass: "th-ghost",
      delay: 120,
      delayOnTouchOnly: true,
      onEnd: (event) => {
        if (event.oldIndex !== event.newIndex) void saveOrder(list);
      },
    });
  }
}

/** Post fields to one of our addresses; the answer, or null when nothing came back. */
export async function post(url: string, fields: [string, string][]): Promise<Response | null> {
  const token = one<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  try {
    return await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": token, "HX-Request": "true" },
      body: new URLSearchParams(fields),
    });
  } catch {
    return null;
  }
}

/** Say something that went wrong, in words that the page brought along. */
export function complain(text: string): void {
  const toasts = one("[data-toasts]") ?? document.body;
  const said = document.createElement("div");
  said.className = "toast-i bad";
  said.setAttribute("role", "alert");
  said.textContent = text;
  toasts.append(said);
}

async function saveOrder(list: HTMLElement): Promise<void> {
  const ids = all("[data-sort-id]", list).map((row): [string, string] => ["id", row.dataset["sortId"] ?? ""]);
  const answer = await post(list.dataset["sort"] ?? "", ids);
  if (!answer?.ok) complain(list.dataset["sortFailed"] ?? "");
}
