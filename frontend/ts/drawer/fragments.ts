/** Panels from the server: the same views, asked with `X-Panel`, answer with the inside of the drawer. */

import { pageLanguage } from "../lib/http.js";

/** A panel to show, a page to go to instead, or the sign that neither came. */
export type Answer = { panel: HTMLElement; at: string } | { leave: string };

export class NoPanel extends Error {}

/** Ask for `url`, or send a form there, in the page's language unless the form chooses one. Throws NoPanel, or TypeError when offline. */
export async function askPanel(url: string, init: RequestInit = {}): Promise<Answer> {
  const chooses = init.body instanceof FormData && init.body.has("locale");
  const headers = { Accept: "text/html", "X-Panel": "1", ...(chooses ? {} : pageLanguage()) };
  const response = await fetch(url, { ...init, headers, credentials: "same-origin" });
  const leave = response.headers.get("X-Panel-Leave");
  if (leave) return { leave };
  const panel = firstPanel(await response.text());
  if (!panel) throw new NoPanel(`HTTP ${response.status}`);
  return { panel, at: response.redirected ? response.url : url };
}

function firstPanel(html: string): HTMLElement | null {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return document.importNode(holder.content, true).querySelector<HTMLElement>("[data-panel]");
}
