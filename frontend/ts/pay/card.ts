/**
 * The provider's card form over the page (Authorize.Net's AcceptUI.js): its script is loaded here and nowhere else, the
 * number is typed into a frame of theirs, and what comes back is a token that the form of the page sends as any form.
 * Until their script is there, and when it never comes, the button leads to the provider's own page.
 */
import { all, one } from "../lib/dom.js";

/** What the provider's script calls our handler with. */
export interface CardAnswer {
  messages?: { resultCode?: string };
  opaqueData?: { dataDescriptor?: string; dataValue?: string };
}

interface Parts { form: HTMLFormElement; button: HTMLButtonElement; origin: string }

declare global {
  interface Window { theriacCardEntered?: (answer: CardAnswer) => void }
}

const PATIENCE_MS = 6000;
const SHOWN = "show";

/** The token in an answer; null when the form has none for us. */
export function tokenOf(answer: CardAnswer): [descriptor: string, value: string] | null {
  const { dataDescriptor, dataValue } = answer.opaqueData ?? {};
  return answer.messages?.resultCode === "Ok" && dataDescriptor && dataValue ? [dataDescriptor, dataValue] : null;
}

export function startCardForm(): void {
  const form = one<HTMLFormElement>("form[data-card-form]");
  const button = form ? one<HTMLButtonElement>("[data-card-button]", form) : null;
  if (!form || !button) return;
  const parts = { form, button, origin: new URL(form.dataset["cardForm"] ?? "", location.href).origin };
  addEventListener("pageshow", () => write(form, "", ""));  // a token pays once: none is left for the Back button
  // Their script looks for its button when the page is complete, and scrolls to the top: not while somebody reads.
  if (document.readyState === "complete") void prepare(parts);
  else addEventListener("load", () => void prepare(parts), { once: true });
}

async function prepare(parts: Parts): Promise<void> {
  const { form, button } = parts;
  const early = holdPress(parts);
  window.theriacCardEntered = (answer) => take(parts, answer);
  button.classList.add("AcceptUI");
  lendNonce();
  try {
    await load(form.dataset["cardForm"] ?? "");
  } catch {
    early.release();
    button.classList.remove("AcceptUI");
    say(form, "dead");
    if (early.pressed()) form.requestSubmit();
    return;
  }
  early.release();
  takeOver(parts);
  if (early.pressed() || button.hasAttribute("data-open")) button.click();
}

/** Who presses before their script is there waits for it, a few seconds at most. */
function holdPress({ form, button }: Parts): { pressed: () => boolean; release: () => void } {
  let pressed = false;
  const hold = (event: SubmitEvent) => {
    event.preventDefault();
    pressed = true;
    button.setAttribute("aria-busy", "true");
  };
  form.addEventListener("submit", hold);
  return {
    pressed: () => pressed,
    release: () => {
      form.removeEventListener("submit", hold);
      button.removeAttribute("aria-busy");
    },
  };
}

/** From now on the button opens the form, and the provider's page is a button of its own. */
function takeOver(parts: Parts): void {
  const { form, button, origin } = parts;
  button.type = "button";
  const words = one("[data-card-words]", form);
  if (words) words.textContent = words.dataset["here"] ?? "";
  const page = one("[data-card-page]", form);
  if (page) page.hidden = false;
  button.addEventListener("click", () => {
    say(form, "");
    // Some versions of their script hear fingers alone where there is a touch screen: neither keys nor a press of ours.
    if (!one(`#AcceptUIContainer.${SHOWN}`)) button.dispatchEvent(new Event("touchend", { bubbles: true, cancelable: true }));
    nameFrame(form)?.focus();
  });
  addEventListener("message", (event: MessageEvent<{ type?: string } | null>) => {
    if (event.origin === origin && event.data?.type === "CLOSE_IFRAME") button.focus();
  });
  // Their frame has a way to close it; ours is for a frame that never came.
  addEventListener("keydown", (event) => { if (event.key === "Escape") close(button); });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.id === "AcceptUIBackground") close(button);
  });
}

function close(button: HTMLElement): void {
  const shown = all(`#AcceptUIContainer.${SHOWN}, #AcceptUIBackground.${SHOWN}`);
  for (const part of shown) part.classList.remove(SHOWN);
  if (shown.length) button.focus();
}

/** Their frame has no name; who cannot see it is told what it is. */
function nameFrame(form: HTMLElement): HTMLIFrameElement | null {
  const frame = one<HTMLIFrameElement>("#AcceptUIContainer iframe");
  if (frame) frame.title = form.dataset["frame"] ?? "";
  return frame;
}

function take({ form, button }: Parts, answer: CardAnswer): void {
  const token = tokenOf(answer);
  if (!token) {
    say(form, "failed");
    button.focus();
    return;
  }
  write(form, ...token);
  for (const one of all<HTMLButtonElement>("button", form)) one.setAttribute("aria-busy", "true");
  form.requestSubmit();
}

function write(form: HTMLFormElement, descriptor: string, value: string): void {
  for (const [name, text] of [["data_descriptor", descriptor], ["data_value", value]] as const) {
    const field = one<HTMLInputElement>(`input[name=${name}]`, form);
    if (field) field.value = text;
  }
}

/** One of the sentences that the template has for what went wrong; "" takes it away. */
function say(form: HTMLElement, what: "failed" | "dead" | ""): void {
  const place = one("[data-card-problem]", form);
  const words = place ? one("span", place) : null;
  if (!place || !words) return;
  words.textContent = what ? (place.dataset[what] ?? "") : "";
  place.hidden = !what;
}

/** Their script adds a style element to the page: with the nonce of this page's scripts the policy stays as it is. */
function lendNonce(): void {
  const nonce = one<HTMLScriptElement>("script[nonce]")?.nonce ?? "";
  document.head.appendChild = function <T extends Node>(this: HTMLHeadElement, node: T): T {
    if (node instanceof HTMLStyleElement) node.nonce = nonce;
    return Node.prototype.appendChild.call(this, node) as T;
  };
}

function load(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const late = setTimeout(() => reject(new Error("not in time")), PATIENCE_MS);
    script.src = address;
    script.charset = "utf-8";
    script.onload = () => { clearTimeout(late); resolve(); };
    script.onerror = () => { clearTimeout(late); reject(new Error("not loaded")); };
    document.head.append(script);
  });
}
