/** Keeps the parts of the board fresh: one question at a time, parts that did not change are left alone. */
import { htmx } from "../htmx.js";
import { all, one } from "../lib/dom.js";

const DEBOUNCE_MS = 250;
/** Ages, warnings and "seen … ago" move with the clock, so the board is asked for even when nothing happens. */
const AT_LEAST_MS = 30_000;

type SwapEvent = CustomEvent<{ shouldSwap: boolean; target: HTMLElement; fragment: DocumentFragment }>;

export class Refresher {
  readonly #url: string;
  readonly #onFresh: () => void;
  readonly #seen = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #again = false;

  constructor(url: string, onFresh: () => void) {
    this.#url = url;
    this.#onFresh = onFresh;
    document.addEventListener("htmx:oobBeforeSwap", (event) => this.#skipSame(event as SwapEvent));
    document.addEventListener("htmx:oobAfterSwap", () => this.#onFresh());
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
    setInterval(() => this.ask(), AT_LEAST_MS);
  }

  /** Something changed: ask in a moment, once for several. */
  ask(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.now(), DEBOUNCE_MS);
  }

  /** Ask now; true when the server answered. */
  async now(): Promise<boolean> {
    if (this.#busy) {
      this.#again = true;
      return true;
    }
    this.#busy = true;
    let answered = false;
    const note = (event: Event) => {
      answered = (event as CustomEvent<{ successful: boolean }>).detail.successful;
    };
    // The board asks itself; a quiet line says when it cannot, a toast every few seconds would not help.
    const source = one("#board-filters") as HTMLElement;
    const hush = (event: Event) => event.stopPropagation();
    source.addEventListener("htmx:afterRequest", note);
    for (const type of ["htmx:sendError", "htmx:responseError"]) source.addEventListener(type, hush);
    try {
      await htmx.ajax("get", this.#url, { source, swap: "none", values: Object.fromEntries(new FormData(source as HTMLFormElement)) as Record<string, string> });
    } catch {
      answered = false;
    } finally {
      source.removeEventListener("htmx:afterRequest", note);
      for (const type of ["htmx:sendError", "htmx:responseError"]) source.removeEventListener(type, hush);
      this.#busy = false;
    }
    if (this.#again) {
      this.#again = false;
      this.ask();
    }
    return answered;
  }

  #skipSame(event: SwapEvent): void {
    const { target, fragment } = event.detail;
    const coming = fragment.firstElementChild;
    if (!coming || !target.id) return;
    const text = coming.outerHTML.replace(/name="csrf_token" value="[^"]*"/g, "").replace(/data-now="[^"]*"/, "");
    // Words that the page itself counts on are the same as long as the order is: an alert must be said once.
    const key = target.id === "siren" ? text.replace(/(<span data-ringing-for[^>]*>)[^<]*/, "$1") : text;
    if (this.#seen.get(target.id) === key && target.childElementCount > 0) event.detail.shouldSwap = false;
    else keepPlace(target, coming as HTMLElement);
    this.#seen.set(target.id, key);
  }
}

/** What the reader had opened and scrolled to stays so in the part that replaces this one. */
function keepPlace(before: HTMLElement, coming: HTMLElement): void {
  for (const kept of all<HTMLDetailsElement>("details[data-keep]", before)) {
    const twin = one<HTMLDetailsElement>(`details[data-keep="${kept.dataset["keep"]}"]`, coming);
    if (twin) twin.open = kept.open;
  }
  const places = all("[data-scroll]", before).map((box) => [box.closest("[id]")?.id ?? "", box.scrollTop] as const).filter(([, top]) => top > 0);
  if (places.length === 0) return;
  requestAnimationFrame(() => {
    for (const [id, top] of places) {
      const box = all("[data-scroll]").find((candidate) => candidate.closest("[id]")?.id === id);
      if (box) box.scrollTop = top;
    }
  });
}
