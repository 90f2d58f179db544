/**
 * The chat of a Chatwoot inbox in a window of its own: loaded when somebody opens it, no script of another origin.
 * It gets out of the way while anything holds the page still (`body.drawer-open`), without knowing what that is, and
 * while somebody reads on: scrolling down puts the button away, scrolling up brings it back. It never stands over
 * another button or a field, and anything marked `data-chat-open` opens it too.
 *
 * The frame is Chatwoot's own widget page; it and its embedding page speak by messages that begin with PREFIX.
 */
import { delegate, one } from "../lib/dom.js";

const PREFIX = "chatwoot-widget:";
const STILL = "drawer-open";
const NUDGE = 24;
const PRESSED = ".btn, button, input, select, textarea, summary, label";

export function startChat(): void {
  const slot = one("[data-chat]");
  const button = slot && one<HTMLButtonElement>("button", slot);
  const base = slot?.dataset["chat"];
  if (!slot || !button || !base) return;
  const { token = "", locale = "en", title = "" } = slot.dataset;
  let frame: HTMLIFrameElement | null = null;
  let listening = false;

  const yieldToPage = () => { slot.hidden = document.body.classList.contains(STILL); };
  new MutationObserver(yieldToPage).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  yieldToPage();

  const isOpen = () => button.getAttribute("aria-expanded") === "true";
  followScroll((down) => slot.classList.toggle("away", !isOpen() && (down || covers(slot, button))));
  delegate("click", "[data-chat-open]", () => toggle(true));

  function say(event: string, values: object): void {
    if (listening) frame?.contentWindow?.postMessage(PREFIX + JSON.stringify({ event, ...values }), new URL(base ?? "").origin);
  }

  function toggle(open: boolean): void {
    button?.setAttribute("aria-expanded", String(open));
    if (open && !frame) {
      frame = document.createElement("iframe");
      Object.assign(frame, { title, src: `${base}/widget?website_token=${encodeURIComponent(token)}&locale=${locale}`, className: "chat-w" });
      slot?.prepend(frame);
    }
    if (frame) frame.hidden = !open;
    say("toggle-open", { isOpen: open });
    if (open) frame?.focus();
    else button?.focus();
  }

  button.addEventListener("click", () => toggle(!isOpen()));
  slot.addEventListener("keydown", (event) => { if (event.key === "Escape") toggle(false); });
  addEventListener("message", ({ data, origin, source }) => {
    if (!frame || source !== frame.contentWindow || origin !== new URL(base).origin) return;
    if (typeof data !== "string" || !data.startsWith(PREFIX)) return;
    const { event } = JSON.parse(data.slice(PREFIX.length)) as { event?: string };
    if (event === "loaded") {
      listening = true;
      say("config-set", { locale, position: "right", hideMessageBubble: true, showPopoutButton: false });
      say("toggle-open", { isOpen: true });
    } else if (event === "closeWindow" || event === "toggleBubble") toggle(false);
  });
}

/** Tells the way the page goes once it has gone NUDGE px; a page at its very top or foot is not being read on. */
function followScroll(tell: (down: boolean) => void): void {
  let turned = scrollY;
  const look = () => {
    const foot = document.documentElement.scrollHeight - innerHeight;
    const still = scrollY < NUDGE || scrollY > foot - NUDGE;
    if (!still && Math.abs(scrollY - turned) < NUDGE) return;
    tell(!still && scrollY > turned);
    turned = scrollY;
  };
  addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(document.body);
}

/** Whether something to press lies beneath the button's place, which may be empty just now. */
function covers(slot: HTMLElement, button: HTMLElement): boolean {
  const { offsetWidth: width, offsetHeight: height } = button;
  const { right, bottom } = slot.getBoundingClientRect();
  const spots = [[right - width, bottom - height], [right, bottom - height], [right - width, bottom], [right, bottom], [right - width / 2, bottom - height / 2]] as const;
  return spots.some(([x, y]) => document.elementsFromPoint(x, y).some((it) => !slot.contains(it) && it.matches(PRESSED)));
}
