/**
 * What the server says about the cart. Prices, names and limits come only from here; the browser keeps skus and
 * quantities. POST /cart/quote looks, PUT /cart leaves the cart with the server before checkout.
 */
import { sendJson } from "../lib/http.js";
import type { Line } from "./document.js";

export interface Quote {
  /** The inside of the drawer: lines and foot. */
  html: string;
  count: number;
  /** Shown as it is, e.g. "$47.60". */
  total: string;
  /** Shown beside the heading, e.g. "3 items". */
  count_label?: string;
  /** Present when the server clipped or dropped lines: the cart becomes this. */
  lines?: Line[];
  messages?: string[];
  /** Unit prices of now by sku, in minor units: remembered, so that the next look can say what changed. */
  prices?: Record<string, number>;
}

export function quoteCart(base: string, lines: readonly Line[], signal?: AbortSignal): Promise<Quote> {
  return sendJson<Quote>("POST", `${base}/quote`, { lines }, signal);
}

export function putCart(base: string, lines: readonly Line[]): Promise<Quote> {
  return sendJson<Quote>("PUT", base, { lines });
}
