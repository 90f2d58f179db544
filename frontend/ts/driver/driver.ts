/** The driver's phone: positions, the queue for places without signal, panels, and the map. */
import localforage from "localforage";
import { boot } from "../lib/boot.js";
import { all, delegate, fill, isModified, one } from "../lib/dom.js";
import { csrfToken, sendJson } from "../lib/http.js";
import { type Live, type LiveStatus, openLive } from "../live/socket.js";
import { clockTime } from "../live/words.js";
import { refreshCash, startCash } from "./cash.js";
import { Location } from "./location.js";
import { DriverMap } from "./map.js";
import { type DriverData, openStop, readData, showPanel, swapPage } from "./page.js";
import { type FixItem, type Item, type Outcome, Queue, type TapItem } from "./queue.js";
import { startSlides } from "./slide.js";

const CHECK_MS = 5000;
const ANSWER_MS = 15_000;

class DriverPage {
  #data: DriverData = readData();
  #map: DriverMap | null = null;
  #online = navigator.onLine;
  /** Taps that were answered while their page is being put in place. */
  readonly #answered = new Set<string>();
  readonly #live: Live;
  readonly #queue: Queue;
  readonly #location = new Location((at, time) => {
    this.#map?.moveTo(at);
    void this.#queue.addFix(at[0], at[1], time);
  });

  constructor() {
    const kept = localforage.createInstance({ name: "theriac-driver", version: 1 });
    const store = {
      load: async () => (await kept.getItem<Item[]>("queue")) ?? [],
      save: async (items: Item[]) => { await kept.setItem("queue", items); },
    };
    this.#queue = new Queue(store, { fixes: (items) => this.#sendFixes(items), tap: (item) => this.#sendTap(item) }, () => this.#sayQueue());
    this.#live = openLive({ namespace: "/driver", auth: () => ({}), on: {}, silenceMs: 40_000, onStatus: (status) => this.#hear(status) });
  }

  async start(): Promise<void> {
    this.#wire();
    startSlides(() => one("[data-hold]")?.dataset["hold"] ?? "");
    startCash(this.#data);
    await this.#queue.open(this.#data.lastSeq);
    this.#map = await DriverMap.open();
    this.#arrange();
    void this.#queue.flush();
    setInterval(() => void this.#check(), CHECK_MS);
  }

  #wire(): void {
    delegate("submit", "form[data-tap]", (event, form) => {
      event.preventDefault();
      void this.#tap(form as HTMLFormElement);
    });
    delegate("click", "[data-open]", (event, link) => {
      if (isModified(event) || !showPanel(link.dataset["open"] ?? "", link.dataset["to"] ?? "next")) return;
      event.preventDefault();
      this.#arrange();
    });
    delegate("submit", "form[data-shift]", (event) => {
      if (this.#online) return;
      event.preventDefault();
      this.#sayQueue();
    });
    delegate("click", "[data-locate]", () => this.#map?.centre());
    addEventListener("online", () => { this.#online = true; void this.#queue.flush(); this.#sayQueue(); });
    addEventListener("offline", () => { this.#online = false; this.#sayQueue(); });
  }

  /** After anything changed: map, location, cash, what waits. */
  #arrange(): void {
    this.#data = readData();
    this.#map?.show(this.#data, openStop()?.code ?? null);
    this.#location.set(this.#data.stops.length > 0);
    const locate = one("[data-locate]");
    if (locate) locate.hidden = this.#data.stops.length === 0;
    refreshCash(this.#data);
    this.#markAll();
    this.#sayQueue();
  }

  async #tap(form: HTMLFormElement): Promise<void> {
    const fields = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    const key = fields.get("key") ?? crypto.randomUUID();
    fields.delete("csrf_token");
    const button = one("button.swipe, button.btn", form);
    button?.setAttribute("aria-busy", "true");
    await this.#queue.addTap({ key, url: form.action, body: fields.toString(), code: form.dataset["code"] ?? "", step: form.dataset["tap"] ?? "", at: new Date().toISOString() });
    await this.#queue.flush();
    button?.removeAttribute("aria-busy");
    this.#markAll();
  }

  async #sendTap(tap: TapItem): Promise<Outcome> {
    const answer = await fetch(tap.url, {
      method: "POST",
      body: tap.body,
      headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": csrfToken() },
      credentials: "same-origin",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (answer.status >= 500 || answer.status === 429) return "again";
    if (answer.status === 401 || answer.status === 403) {
      location.assign(this.#data.home);
      return "again";
    }
    this.#answered.add(tap.key);
    if (answer.status === 404) await this.#reload();
    else {
      swapPage(await answer.text());
      this.#arrange();
    }
    return "done";
  }

  async #sendFixes(items: FixItem[]): Promise<number[]> {
    const positions = items.map(({ seq, lat, lng, at }) => ({ seq, lat, lng, at }));
    type Answer = { accepted?: number[]; refused?: number[] };
    const answer = this.#live.socket.connected
      ? await this.#live.send<Answer>("position", { positions })
      : await sendJson<Answer>("POST", this.#data.positions, { positions }, AbortSignal.timeout(ANSWER_MS));
    return [...(answer.accepted ?? []), ...(answer.refused ?? [])];
  }

  #markAll(): void {
    this.#queue.taps().filter((tap) => !this.#answered.has(tap.key)).forEach((tap) => this.#markSaved(tap));
  }

  /** A tap that waits: what it will do is shown as done here, and said to be waiting. */
  #markSaved(tap: TapItem): void {
    const panel = one(`[data-stop="${CSS.escape(tap.code)}"][data-panel="next"]`);
    const note = panel && one("[data-saved-note]", panel);
    if (!panel || !note) return;
    note.textContent = fill(one("[data-saved]")?.dataset["saved"] ?? "", { time: clockTime(tap.at, this.#data) });
    note.hidden = false;
    for (const form of all("form[data-tap]", panel)) form.hidden = true;
    const road = one("[data-on-road]", panel);
    if (road) road.hidden = tap.step !== "pick-up";
    if (tap.step !== "pick-up" && openStop()?.code === tap.code) {
      const next = this.#data.stops.find((stop) => !this.#queue.taps().some((t) => t.code === stop.code && t.step !== "pick-up"));
      showPanel(next?.code ?? tap.code, "next");
    }
  }

  #hear(status: LiveStatus): void {
    if (status === "live") void this.#queue.flush();
    this.#sayQueue();
  }

  #sayQueue(): void {
    const banner = one("[data-offline]");
    if (!banner) return;
    const count = this.#queue.waiting;
    const away = !this.#online || (this.#queue.failing && count > 0);
    banner.hidden = !away;
    document.documentElement.toggleAttribute("data-away", away);
    const { some = "", none = "", queued = "" } = banner.dataset;
    write("[data-offline-text]", count ? fill(some, { count }) : none);
    write("[data-offline-count]", fill(queued, { count }));
    const tag = one("[data-offline-count]");
    if (tag) tag.hidden = count === 0;
  }

  /** Every few seconds: send what waits, and ask whether the stops are still these. Nothing is taken from under a hand. */
  async #check(): Promise<void> {
    await this.#queue.flush();
    if (!this.#online || this.#queue.waiting > 0 || document.visibilityState !== "visible") return;
    const busy = openStop()?.panel !== "next" && openStop() !== null;
    const { version } = await sendJson<{ version: string }>("GET", this.#data.state).catch(() => ({ version: this.#data.version }));
    if (version !== this.#data.version && !busy) await this.#reload();
  }

  async #reload(): Promise<void> {
    const open = openStop();
    const answer = await fetch(this.#data.home, { credentials: "same-origin" });
    if (answer.redirected) return location.assign(this.#data.home);
    if (!answer.ok) return;
    swapPage(await answer.text());
    if (open) showPanel(open.code, open.panel);
    this.#arrange();
  }
}

function write(selector: string, text: string): void {
  const element = one(selector);
  if (element && element.textContent !== text) element.textContent = text;
}

boot();
void new DriverPage().start();
