/** Where the cart is kept: IndexedDB, else localStorage, else this page's memory (private windows, full disks). */
import localforage from "localforage";

export interface Shelf {
  read(): Promise<unknown>;
  write(value: unknown): Promise<void>;
}

/** A shelf for one store; `key` separates stores that share an origin. */
export function openShelf(key: string): Shelf {
  const database = localforage.createInstance({
    name: "theriac", storeName: "cart", driver: [localforage.INDEXEDDB, localforage.LOCALSTORAGE],
  });
  return withMemory({
    read: () => database.getItem(key),
    write: async (value) => { await database.setItem(key, value); },
  });
}

/** A shelf that falls back to memory for good once the real one fails. */
export function withMemory(real: Shelf): Shelf {
  let broken = false;
  let memory: unknown = null;
  return {
    async read() {
      if (broken) return memory;
      try {
        return await real.read();
      } catch {
        broken = true;
        return memory;
      }
    },
    async write(value) {
      memory = value;
      if (broken) return;
      try {
        await real.write(value);
      } catch {
        broken = true;
      }
    },
  };
}
