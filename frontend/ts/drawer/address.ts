/**
 * Addresses. A spot stands in the page's own address as `?panel=product.vitamin-c`: a refresh and a sent link keep
 * the page and the panel. Its content is a page of its own (`/p/vitamin-c`), which is what its links name, and what a
 * browser without scripts shows.
 */
import { type Spot, spotOf } from "./machine.js";

export const PARAM = "panel";

/** From panel to path: `{"cart": "/cart", "product": "/p/{key}", "login": "/sign-in", "login.": "/sign-in/{key}"}`. */
export type Paths = Record<string, string>;

/** `product.vitamin-c`, `orders?before=12`. */
export function writeSpot({ name, key, query }: Spot): string {
  return `${name}${key ? `.${key}` : ""}${query ? `?${query}` : ""}`;
}

export function readSpot(text: string | null): Spot | null {
  const [place = "", ...rest] = (text ?? "").split("?");
  const dot = place.indexOf(".");
  return dot < 0 ? spotOf(place, "", rest.join("?")) : spotOf(place.slice(0, dot), place.slice(dot + 1), rest.join("?"));
}

/** The page `spot` shows: path and query. */
export function pageOf(spot: Spot, paths: Paths): string {
  const path = (spot.key && paths[`${spot.name}.`]) || paths[spot.name] || "/";
  return `${path.replace("{key}", encodeURIComponent(spot.key))}${spot.query ? `?${spot.query}` : ""}`;
}

/** The spot that shows this page; null for a page that is no panel or stands at another host. */
export function spotAt(address: string, here: string, paths: Paths): Spot | null {
  const url = new URL(address, here);
  if (url.origin !== new URL(here).origin) return null;
  for (const [name, path] of Object.entries(paths)) {
    const key = keyIn(url.pathname, path);
    if (key !== null) return spotOf(name.replace(/\.$/, ""), key, url.search.slice(1));
  }
  return null;
}

/** What stands at `{key}`; '' for an equal path without one; null when they differ. */
function keyIn(pathname: string, path: string): string | null {
  const [head = "", tail] = path.split("{key}");
  if (tail === undefined) return pathname === path ? "" : null;
  const key = pathname.startsWith(head) && pathname.endsWith(tail) ? pathname.slice(head.length, pathname.length - tail.length) : "";
  return key && !key.includes("/") ? decodeURIComponent(key) : null;
}

/** The address of the page behind with this panel open; null: with none. */
export function withPanel(here: string, spot: Spot | null): string {
  const url = new URL(here);
  url.searchParams.delete(PARAM);
  if (!spot) return url.pathname + url.search + url.hash;
  const mark = `${PARAM}=${encodeURIComponent(writeSpot(spot))}`;
  return `${url.pathname}${url.search ? `${url.search}&` : "?"}${mark}`;
}
