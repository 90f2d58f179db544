/**
 * Where the cart is kept: IndexedDB, else localStorage, else this page's memory (private windows, denied or full
 * storage). What fails once is left alone for the rest of the page; what it held is carried on by the next.
 */
import localforage from "localforage";
import { readCart } from "./document.js";

export interface Shelf {
  read(): Promise<unknown>;
  write(value: unknown): Promise<void>;
}

/** Some private windows never answer when IndexedDB is opened. */
const PATIENCE_MS = 1500;

/** A shelf for one store; `key` separates stores that share an origin. `lost` is called when only memory is left. */
export function openShelf(key: string, lost: () => void): Shelf {
  return stackShelves([drive(localforage.INDEXEDDB, key), drive(localforage.LOCALSTORAGE, key)], lost);
}

function drive(driver: string, key: string): Shelf {
  const database = localforage.createInstance({ name: "theriac", storeName: "cart", driver });
  return {
    read: () => soon(database.getItem(key)),
    write: async (value) => { await soon(database.setItem(key, value)); },
  };
}

function soon<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("storage does not answer")), PATIENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Shelves in the order they are preferred, as one. The newest document on any of them is read (an earlier page may
 * have had to use a lower one); the first that works is written; memory comes last.
 */
export function stackShelves(shelves: readonly Shelf[], lost: () => void): Shelf {
  const working = new Set(shelves);
  let memory: unknown = null;

  function giveUp(shelf: Shelf): void {
    working.delete(shelf);
    if (working.size === 0) lost();
  }

  async function attempt<T>(shelf: Shelf, work: () => Promise<T>): Promise<{ value: T } | null> {
    try {
      return { value: await work() };
    } catch {
      giveUp(shelf);
      return null;
    }
  }

  return {
    async read() {
      const answers = await Promise.all([...working].map((shelf) => attempt(shelf, () => shelf.read())));
      return answers.reduce<unknown>((best, answer) => newer(best, answer?.value ?? null), memory);
    },
    async write(value) {
      memory = value;
      for (const shelf of [...working]) {
        if (await attempt(shelf, () => shelf.write(value))) return;
      }
    },
  };
}

function newer(best: unknown, other: unknown): unknown {
  if (other === null || other === undefined) return best;
  return best === null || readCart(other).updated > readCart(best).updated ? other : best;
}
