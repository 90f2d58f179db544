/**
 * Without a connection: a line that says so, and on the page for it the pages seen last. Registers the service
 * worker when the page has settled.
 */
import { all, one } from "../lib/dom.js";

const SETTLED_MS = 1500;

export function startOffline(): void {
  const line = one("[data-offline-line]");
  const tell = () => { if (line) line.hidden = navigator.onLine; };
  addEventListener("online", tell);
  addEventListener("offline", tell);
  tell();
  for (const list of all("[data-offline-list]")) void listKept(list);
  const path = document.body.dataset["worker"];
  if (!path || !("serviceWorker" in navigator)) return;
  const register = () => setTimeout(() => {
    navigator.serviceWorker.register(path, { scope: "/", updateViaCache: "none" }).catch((error: unknown) => console.info("No offline pages:", error));
  }, SETTLED_MS);
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}

/** Kept catalogue pages by their titles, newest first. */
async function listKept(list: HTMLElement): Promise<void> {
  const name = (await caches.keys()).find((one) => one.startsWith("pages-"));
  if (!name) return;
  const cache = await caches.open(name);
  for (const request of [...(await cache.keys())].reverse()) {
    const { pathname, search } = new URL(request.url);
    const title = pathname === location.pathname ? "" : titleOf(await (await cache.match(request, { ignoreVary: true }))?.text());
    if (title) list.append(row(list, pathname + search, title));
  }
  const empty = list.childElementCount === 0;
  list.hidden = empty;
  for (const other of all("[data-offline-none]")) other.hidden = !empty;
}

function titleOf(html = ""): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.contentType === "text/html" ? (page.title.split(" · ")[0] ?? "") : "";
}

function row(list: HTMLElement, href: string, title: string): HTMLElement {
  const item = document.createElement("li");
  const link = document.createElement("a");
  Object.assign(link, { href, textContent: title, className: list.dataset["row"] ?? "" });
  item.append(link);
  return item;
}
