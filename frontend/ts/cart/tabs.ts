/** Tabs tell each other about a new cart: BroadcastChannel, or the storage event where there is none. */

export interface Tabs {
  tell(value: unknown): void;
  hear(listener: (value: unknown) => void): void;
}

export function openTabs(key: string): Tabs {
  return typeof BroadcastChannel === "function" ? byChannel(key) : byStorage(`theriac:${key}:changed`);
}

function byChannel(key: string): Tabs {
  const channel = new BroadcastChannel(`theriac:${key}`);
  return {
    tell: (value) => channel.postMessage(value),
    hear: (listener) => channel.addEventListener("message", (event: MessageEvent<unknown>) => listener(event.data)),
  };
}

function byStorage(key: string): Tabs {
  return {
    tell(value) {
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        return; // storage is full or forbidden: the other tab reads the shelf when it is looked at again
      }
    },
    hear: (listener) => addEventListener("storage", (event) => {
      if (event.key === key && event.newValue) listener(JSON.parse(event.newValue));
    }),
  };
}
