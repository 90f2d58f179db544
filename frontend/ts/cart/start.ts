/** Ties the cart to the page: forms, steppers, drawer, checkout, quotes. Without this file the same forms post. */
import { followLink } from "../drawer/drawer.js";
import { all, delegate, isModified, one } from "../lib/dom.js";
import { showToast } from "../lib/toast.js";
import { type Cart, openCart, takeTurns } from "./cart.js";
import { addLine, bringLines, type Change, type Line, replaceLines, seePrices, setLine } from "./document.js";
import { type Drawer, startDrawer } from "./drawer.js";
import { putCart, type Quote, quoteCart } from "./quote.js";
import { openShelf } from "./storage.js";
import { openTabs } from "./tabs.js";
import { showBusy, showLines, showQuote } from "./view.js";

/** Several presses of "+" make one question. */
const QUOTE_DELAY_MS = 180;

export function startCart(): void {
  const store = document.body.dataset["store"] ?? "";
  const base = document.body.dataset["cartUrl"];
  if (!base) return;
  const key = `cart:${store}`;
  const cart = openCart({ shelf: openShelf(key, noteUnkept), tabs: openTabs(key), alone: takeTurns(`theriac:${key}`) });
  const lines = () => cart.state.getState().doc.lines;
  const quotes = startQuotes(base, lines, (quote) => accept(cart, quote));
  const drawer = startDrawer("cart", () => { if (cart.state.getState().ready) quotes.ask(0); });

  cart.state.subscribe((now, before) => {
    if (!now.ready) return;
    showLines(now.doc.lines);
    if (!sameLines(now.doc.lines, before.doc.lines) || !before.ready) {
      if (now.doc.lines.length > 0 || before.ready || drawer?.isOpen() || one("main [data-cart-panel]")) quotes.ask(QUOTE_DELAY_MS);
    }
  });
  listen(cart, drawer, base, lines);
  document.addEventListener("htmx:afterSwap", () => showLines(lines()));
  document.addEventListener("panel:shown", () => {
    if (cart.state.getState().ready) showLines(lines());
    void adoptJoined(cart).then(() => bringCart(cart, base, lines));
  });
  addEventListener("pageshow", (event) => { if (event.persisted) void cart.refresh(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) void cart.refresh(); });
  void cart.refresh().then(() => clearAfterOrder(cart)).then(() => adoptJoined(cart)).then(() => bringCart(cart, base, lines));
}

/** Somebody opened the checkout by its address: the server has no cart yet, this browser has. */
async function bringCart(cart: Cart, base: string, lines: () => Line[]): Promise<void> {
  if (!one("[data-cart-missing]") || lines().length === 0) return;
  await accept(cart, await putCart(base, lines()));
  if (lines().length > 0) location.reload();
}

function listen(cart: Cart, drawer: Drawer | null, base: string, lines: () => Line[]): void {
  delegate("submit", "form[data-add-to-cart]", (event, form) => {
    event.preventDefault();
    const data = new FormData(form as HTMLFormElement);
    void cart.change(addLine(String(data.get("sku")), Number(data.get("qty") ?? 1)));
    const words = one("[data-toasts]")?.dataset;
    const view = words?.["view"];
    showToast({ text: words?.["added"] ?? "", ...(view && drawer ? { action: { label: view, run: drawer.open } } : {}) });
  });
  delegate("submit", "form[data-qty]", (event, form) => {
    const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    if (!button) return;
    event.preventDefault();
    void cart.change(setLine(form.dataset["sku"] ?? "", Number(button.value)));
  });
  delegate("click", "a[data-checkout]", (event, link) => {
    if (isModified(event)) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy") !== "true") void checkOut(cart, base, lines, link as HTMLAnchorElement);
  });
}

/** Leave the cart with the server, then go; lines the server clipped are shown first. */
async function checkOut(cart: Cart, base: string, lines: () => Line[], link: HTMLAnchorElement): Promise<void> {
  link.setAttribute("aria-busy", "true");
  try {
    const quote = await putCart(base, lines());
    await accept(cart, quote);
    if (!quote.messages?.length) followLink(link);
  } catch {
    showToast({ text: one("[data-toasts]")?.dataset["failed"] ?? "", bad: true });
  } finally {
    link.removeAttribute("aria-busy");
  }
}

async function accept(cart: Cart, quote: Quote): Promise<void> {
  showQuote(quote);
  for (const text of quote.messages ?? []) showToast({ text });
  const { lines } = cart.state.getState().doc;
  if (quote.lines && !sameLines(quote.lines, lines)) await cart.change(replaceLines(quote.lines));
  const { prices } = quote;
  if (prices && lines.some((line) => prices[line.sku] !== undefined && prices[line.sku] !== line.seen)) await cart.change(seePrices(prices));
}

function startQuotes(base: string, lines: () => Line[], accepted: (quote: Quote) => Promise<void>) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;

  async function run(): Promise<void> {
    asking?.abort();
    const mine = (asking = new AbortController());
    showBusy(true);
    try {
      const quote = await quoteCart(base, lines(), mine.signal);
      if (!mine.signal.aborted) await accepted(quote);
    } catch {
      if (mine.signal.aborted) return;
      showBusy(false);
      showToast({ text: one("[data-toasts]")?.dataset["failed"] ?? "", bad: true });
    }
  }

  return {
    ask(delay: number): void {
      clearTimeout(timer);
      timer = setTimeout(() => void run(), delay);
    },
  };
}

/** The page of a placed order carries `data-cart-clear="<code>"`: its lines leave the cart, once per order. */
async function clearAfterOrder(cart: Cart): Promise<void> {
  for (const mark of all("[data-cart-clear]")) await followOnce(cart, mark.dataset["cartClear"], replaceLines([]));
}

/** After sign-in the server's cart may hold more than this browser's: it is taken over, once for each joining. */
async function adoptJoined(cart: Cart): Promise<void> {
  const joined = one("[data-cart-adopt]")?.dataset;
  await followOnce(cart, joined?.["cartAdopt"], replaceLines(linesOf(joined?.["lines"])));
  const brought = one("[data-cart-bring]")?.dataset;
  await followOnce(cart, brought?.["cartBring"], bringLines(linesOf(brought?.["lines"])));
}

async function followOnce(cart: Cart, mark: string | undefined, change: Change): Promise<void> {
  if (mark && !marksOfOld().includes(mark)) await cart.follow(mark, change);
}

/** Until version 3 the marks stood beside the cart. */
function marksOfOld(): string[] {
  try {
    return ["theriac:cleared", "theriac:adopted"].flatMap((key) => (localStorage.getItem(key) ?? "").split(" "));
  } catch {
    return []; // storage is forbidden: nothing was ever marked there
  }
}

function linesOf(text: string | undefined): Line[] {
  return (JSON.parse(text ?? "[]") as [string, number][]).map(([sku, qty]) => ({ sku, qty }));
}

/** The page says quietly that this browser keeps nothing: templates have both sentences, the style sheet shows one. */
function noteUnkept(): void {
  document.documentElement.dataset["cartUnkept"] = "";
}

function sameLines(a: readonly Line[], b: readonly Line[]): boolean {
  return a.length === b.length && a.every((line, index) => line.sku === b[index]?.sku && line.qty === b[index]?.qty);
}
