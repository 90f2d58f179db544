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

/** Kept catalogue pages by their titles and first pictures, newest first; the page asked for opens once it can. */
async function listKept(list: HTMLElement): Promise<void> {
  addEventListener("online", () => location.reload());
  const name = (await caches.keys()).find((one) => one.startsWith("pages-"));
  if (!name) return;
  const cache = await caches.open(name);
  const here = bare(document.title);
  for (const request of [...(await cache.keys())].reverse()) {
    const { pathname, search } = new URL(request.url);
    const kept = await cache.match(request, { ignoreVary: true });
    const page = pathname === location.pathname || !kept ? null : read(await kept.text());
    if (page?.title && page.title !== here) list.append(row(list, pathname + search, page));
  }
  for (const part of all("[data-offline-kept]")) part.hidden = list.childElementCount === 0;
}

/** A page's title without the shop's name. */
function bare(title: string): string {
  return title.split(" · ")[0] ?? "";
}

interface Kept { title: string; picture: string; hue: string }

function read(html: string): Kept {
  const page = new DOMParser().parseFromString(html, "text/html");
  const stage = one("main :is(.stage, .drawerf):has(img)", page);
  return {
    title: bare(page.title),
    picture: (stage && one("img", stage)?.getAttribute("src")) ?? "",
    hue: stage?.style.getPropertyValue("--h") ?? "",
  };
}

function row(list: HTMLElement, href: string, { title, picture, hue }: Kept): HTMLElement {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const stage = document.createElement("span");
  Object.assign(link, { href, className: list.dataset["row"] ?? "" });
  stage.className = list.dataset["picture"] ?? "";
  if (hue) stage.style.setProperty("--h", hue);
  if (picture) stage.append(Object.assign(document.createElement("img"), { src: picture, alt: "" }));
  link.append(stage, title);
  item.append(link);
  return item;
}
