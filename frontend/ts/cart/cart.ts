/**
 * The cart of this browser. Changes show at once, are then applied to what is stored (another tab may have been
 * faster), written and told to the other tabs. `ready` turns true when the stored cart has been read.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type CartDocument, type Change, changed, emptyCart, latest, readCart } from "./document.js";
import type { Shelf } from "./storage.js";
import type { Tabs } from "./tabs.js";

export interface CartState {
  doc: CartDocument;
  ready: boolean;
}

export interface Cart {
  state: StoreApi<CartState>;
  /** Apply a change; resolves when it is stored. */
  change(change: Change): Promise<void>;
  /** Apply a change that belongs to `mark` (an order, a joining) unless this cart has followed it before. */
  follow(mark: string, change: Change): Promise<void>;
  /** Read what is stored again: after another tab was in front, or the page came out of the back/forward cache. */
  refresh(): Promise<void>;
}

export interface CartParts {
  shelf: Shelf;
  tabs: Tabs;
  now?: () => number;
  /** Run one writer at a time over all tabs. */
  alone?: <T>(work: () => Promise<T>) => Promise<T>;
}

export function openCart({ shelf, tabs, now = Date.now, alone = takeTurns() }: CartParts): Cart {
  const state = createStore<CartState>(() => ({ doc: emptyCart(), ready: false }));
  const adopt = (other: CartDocument) => state.setState(({ doc }) => ({ doc: latest(doc, other), ready: true }));
  tabs.hear((value) => adopt(readCart(value)));

  async function refresh(): Promise<void> {
    adopt(readCart(await shelf.read()));
  }

  async function change(step: Change): Promise<void> {
    state.setState(({ doc, ready }) => ({ doc: { ...doc, lines: step(doc.lines) }, ready }));
    await alone(async () => {
      const doc = changed(readCart(await shelf.read()), step, now());
      await shelf.write(doc);
      state.setState({ doc, ready: true });
      tabs.tell(doc);
    });
  }

  async function follow(mark: string, step: Change): Promise<void> {
    await alone(async () => {
      const stored = readCart(await shelf.read());
      if (stored.marks.includes(mark)) return;
      const doc = changed(stored, step, now(), mark);
      await shelf.write(doc);
      state.setState({ doc, ready: true });
      tabs.tell(doc);
    });
  }

  return { state, change, follow, refresh };
}

/** Web Locks over all tabs where the browser has them; a queue in this tab always. */
export function takeTurns(name = "theriac-cart"): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  const locks = typeof navigator === "object" ? (navigator as { locks?: LockManager }).locks : undefined;
  return <T>(work: () => Promise<T>): Promise<T> => {
    const run = () => (locks ? (locks.request(name, work) as Promise<T>) : work());
    const mine = last.then(run, run);
    last = mine.catch(() => undefined);
    return mine;
  };
}
