/**
 * The service worker: the shop window goes on working without a connection, with what was seen last.
 *
 * The server writes `SETUP` above this file, so a new release is a new worker. Pages are asked for on the network
 * first; those the server marks (`X-Offline: keep`: catalogue pages of strangers) are kept as seen. What belongs to a
 * person, the cart and the checkout are never kept: offline they give way to the page that says so.
 */
interface Setup {
  version: string;
  /** Built files of this release: their names change with their content. */
  files: string[];
  offline: string;
  /** Data that pages ask for and may be read as it was. */
  data: string[];
}
declare const SETUP: Setup;

/** What a worker is given; TypeScript's own description does not stand beside that of pages. */
interface Extendable extends Event { waitUntil(work: Promise<unknown>): void }
interface Fetching extends Extendable {
  readonly request: Request;
  readonly preloadResponse: Promise<Response | undefined>;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", hear: (event: Extendable) => void): void;
  addEventListener(type: "fetch", hear: (event: Fetching) => void): void;
}

const worker = self as unknown as Worker;
const PAGES = `pages-${SETUP.version}`;
const FILES = "files";
const PICTURES = "pictures";
const MOST: Record<string, number> = { [PAGES]: 40, [FILES]: 80, [PICTURES]: 240 };

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has("X-Panel")) return;
  if (request.mode === "navigate") event.respondWith(answerPage(event));
  else if (url.pathname.startsWith("/static/dist/")) event.respondWith(keptOr(FILES, request));
  else if (request.destination === "image") event.respondWith(keptOr(PICTURES, request));
  else if (SETUP.data.includes(url.pathname)) event.respondWith(freshOr(PAGES, request));
});

async function install(): Promise<void> {
  const files = await caches.open(FILES);
  const pages = await caches.open(PAGES);
  await Promise.all([...SETUP.files.map((file) => keptOr(FILES, new Request(file))), pages.add(new Request(SETUP.offline, { cache: "reload" }))]);
  await trim(files, FILES);
  await worker.skipWaiting();
}

/** Pages of an earlier release name files that are gone. */
async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => !(name in MOST)).map((name) => caches.delete(name)));
  await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}

async function answerPage(event: Fetching): Promise<Response> {
  try {
    const answer = (await event.preloadResponse) ?? (await fetch(event.request));
    if (answer.ok && answer.headers.get("X-Offline") === "keep") event.waitUntil(keep(PAGES, withoutPanel(event.request.url), answer.clone()));
    return answer;
  } catch {
    const pages = await caches.open(PAGES);
    const kept = await pages.match(withoutPanel(event.request.url), { ignoreVary: true });
    return kept ?? (await pages.match(SETUP.offline, { ignoreVary: true })) ?? Response.error();
  }
}

/** The page behind is the same whatever stands open over it. */
function withoutPanel(address: string): string {
  const url = new URL(address);
  url.searchParams.delete("panel");
  url.hash = "";
  return url.href;
}

/** Names that change with their content: a kept one is never out of date. */
async function keptOr(name: string, request: Request): Promise<Response> {
  const cache = await caches.open(name);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && answer.type === "basic") await keep(name, request.url, answer.clone());
  return answer;
}

async function freshOr(name: string, request: Request): Promise<Response> {
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(name, request.url, answer.clone());
    return answer;
  } catch (error) {
    const kept = await (await caches.open(name)).match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}

async function keep(name: string, key: string, answer: Response): Promise<void> {
  const cache = await caches.open(name);
  await cache.delete(key, { ignoreVary: true });
  await cache.put(key, answer);
  await trim(cache, name);
}

/** The oldest go first; the offline page stays. */
async function trim(cache: Cache, name: string): Promise<void> {
  const keys = (await cache.keys()).filter((request) => new URL(request.url).pathname !== SETUP.offline);
  const most = MOST[name] ?? 0;
  await Promise.all(keys.slice(0, Math.max(0, keys.length - most)).map((request) => cache.delete(request)));
}
