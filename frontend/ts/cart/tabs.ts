/** Tabs tell each other about a new cart: BroadcastChannel, or the storage event where there is none. */

export interface Tabs {
  tell(value: unknown): void;
  hear(listener: (value: unknown) => void): void;
}

export function openTabs(key: string): Tabs {
  try {
    if (typeof BroadcastChannel === "function") return byChannel(new BroadcastChannel(`theriac:${key}`));
  } catch {
    // Forbidden where storage is: the other way finds out the same and stays silent.
  }
  return byStorage(`theriac:${key}:changed`);
}

function byChannel(channel: BroadcastChannel): Tabs {
  return {
    tell: (value) => channel.postMessage(value),
    hear: (listener) => channel.addEventListener("message", (event: MessageEvent<unknown>) => listener(event.data)),
  };
}

export function byStorage(key: string): Tabs {
  return {
    tell(value) {
      try {
        localStorage.setItem(key, JSON.stringify(value));
      } catch {
        return; // storage is full or forbidden: the other tab reads the shelf when it is looked at again
      }
    },
    hear: (listener) => addEventListener("storage", (event) => {
      if (event.key === key && event.newValue) listener(parse(event.newValue));
    }),
  };
}

/** Whatever another script wrote there is no reason to fail. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
