/**
 * Going to pay and coming back: the form to the provider is sent once and not again by the Back button, a window of the
 * provider opens over the page, and its own page is the way when that cannot be loaded. No look reloads under a form.
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

/** While a form is on its way, what the page's own look brings must not load the page anew and lose the form. */
function lookOnlyWhileStaying(): void {
  let leaving = false;
  // Afterwards, when everybody who may keep the form here has had a say.
  document.addEventListener("submit", (event) => { setTimeout(() => { leaving ||= !event.defaultPrevented; }); });
  window.addEventListener("pageshow", () => { leaving = false; });
  for (const type of ["htmx:beforeRequest", "htmx:beforeOnLoad"]) {
    document.addEventListener(type, (event) => { if (leaving) event.preventDefault(); });
  }
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

lookOnlyWhileStaying();
startPay();
startCardForm();
startCopying();
startPictures();
