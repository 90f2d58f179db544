/**
 * htmx, locked down: no eval, own origin only, no page copies in localStorage, no scripts out of fragments.
 * The CSRF header comes from `hx-headers` on the body; refusals of a form (409, 422) are fragments to show.
 */
import htmx from "htmx.org";
import { one } from "./lib/dom.js";
import { pageLanguage } from "./lib/http.js";
import { showToast } from "./lib/toast.js";

export function startHtmx(): void {
  Object.assign(htmx.config, {
    allowEval: false, allowScriptTags: false, selfRequestsOnly: true, includeIndicatorStyles: false, historyCacheSize: 0,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "(409|422)", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
  document.addEventListener("htmx:configRequest", (event) => {
    Object.assign((event as CustomEvent<{ headers: Record<string, string> }>).detail.headers, pageLanguage());
  });
  const failed = () => showToast({ text: one("[data-toasts]")?.dataset["failed"] ?? "", bad: true });
  document.addEventListener("htmx:responseError", failed);
  document.addEventListener("htmx:sendError", failed);
  if (isBetween()) document.dispatchEvent(new Event("DOMContentLoaded"));
}

/**
 * htmx starts with the document's DOMContentLoaded, or at once when everything is loaded. Code that comes after the
 * one and before the other would wait for ever.
 */
function isBetween(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return document.readyState === "interactive" && (navigation?.domContentLoadedEventStart ?? 0) > 0;
}

export { htmx };
