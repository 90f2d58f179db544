/**
 * The chat of a Chatwoot inbox in a window of its own: loaded when somebody opens it, no script of another origin.
 * It gets out of the way while anything holds the page still (`body.drawer-open`), without knowing what that is.
 *
 * The frame is Chatwoot's own widget page; it and its embedding page speak by messages that begin with PREFIX.
 */
import { one } from "../lib/dom.js";

const PREFIX = "chatwoot-widget:";
const STILL = "drawer-open";

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

  button.addEventListener("click", () => toggle(button.getAttribute("aria-expanded") !== "true"));
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
