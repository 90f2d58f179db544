/**
 * Going to pay and coming back: the form to the provider is sent once and not again by the Back button, a window of the
 * provider opens over the page, and its own page is the way when that cannot be loaded.
 */
import { delegate, one } from "../lib/dom.js";
import { startCardForm } from "./card.js";
import { startCopying } from "./copy.js";
import { startPictures } from "./picture.js";

interface Snap {
  pay(token: string, told: Partial<Record<"onSuccess" | "onPending" | "onError" | "onClose", () => void>>): void;
}

declare global {
  interface Window { snap?: Snap }
}

export function startPay(): void {
  const page = one("[data-pay]");
  const address = page?.dataset["here"];
  // Loading the page again must neither lead to the provider nor make us ask it once more.
  if (address) history.replaceState(history.state, "", address);
  one<HTMLFormElement>("form[data-go]")?.requestSubmit();
  const door = one<HTMLAnchorElement>("a[data-snap]");
  if (door) void openWindow(door);
  delegate("click", "a[data-snap]", (event, link) => {
    event.preventDefault();
    void openWindow(link as HTMLAnchorElement);
  });
}

async function openWindow(door: HTMLAnchorElement): Promise<void> {
  const back = () => location.assign(door.dataset["back"] ?? location.href);
  try {
    const snap = window.snap ?? await load(door.dataset["script"] ?? "", door.dataset["key"] ?? "");
    snap.pay(door.dataset["token"] ?? "", { onSuccess: back, onPending: back, onError: back, onClose: back });
  } catch {
    location.assign(door.href);
  }
}

function load(address: string, key: string): Promise<Snap> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.dataset["clientKey"] = key;
    script.onload = () => (window.snap ? resolve(window.snap) : reject(new Error("no window")));
    script.onerror = () => reject(new Error("not loaded"));
    document.head.append(script);
  });
}

startPay();
startCardForm();
startCopying();
startPictures();
