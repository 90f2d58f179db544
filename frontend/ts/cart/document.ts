/** The cart as it is kept: a versioned document, its migrations, and the rules of changing lines. No browser here. */

export interface Line {
  sku: string;
  qty: number;
}

export interface CartDocument {
  v: 1;
  lines: Line[];
  /** Milliseconds since the epoch, only ever growing: the later document wins between tabs. */
  updated: number;
}

export const VERSION = 1;
export const MAX_QTY = 99;

export function emptyCart(): CartDocument {
  return { v: VERSION, lines: [], updated: 0 };
}

type Unknown = Record<string, unknown>;

/** From each version to the next. Version 0 is a bare `{sku: qty}` object or a bare list of lines. */
export const MIGRATIONS: Record<number, (old: Unknown) => Unknown> = {
  0: (old) => ({ v: 1, lines: linesOfVersion0(old), updated: Number(old["updated"]) || 0 }),
};

function linesOfVersion0(old: Unknown): unknown[] {
  if (Array.isArray(old["items"])) return old["items"];
  return Object.entries(old).filter(([, qty]) => typeof qty === "number").map(([sku, qty]) => ({ sku, qty }));
}

/**
 * Whatever was stored, as a document of today: older versions are carried over, a newer one keeps the lines that
 * can be read, broken lines are dropped one by one. Never throws.
 */
export function readCart(stored: unknown): CartDocument {
  if (typeof stored !== "object" || stored === null) return emptyCart();
  let doc: Unknown = Array.isArray(stored) ? { items: stored } : (stored as Unknown);
  for (let version = Number(doc["v"]) || 0; version < VERSION; version += 1) {
    doc = MIGRATIONS[version]?.(doc) ?? doc;
  }
  const lines = Array.isArray(doc["lines"]) ? cleanLines(doc["lines"]) : [];
  return { v: VERSION, lines, updated: Math.max(0, Number(doc["updated"]) || 0) };
}

/** Valid lines only, one per sku (quantities added), in first-seen order. */
export function cleanLines(lines: readonly unknown[]): Line[] {
  const bySku = new Map<string, number>();
  for (const line of lines) {
    const { sku, qty } = (line ?? {}) as Partial<Line>;
    const whole = Math.floor(Number(qty));
    if (typeof sku !== "string" || !sku || !(whole > 0)) continue;
    bySku.set(sku, Math.min(MAX_QTY, (bySku.get(sku) ?? 0) + whole));
  }
  return [...bySku].map(([sku, qty]) => ({ sku, qty }));
}

export type Change = (lines: readonly Line[]) => Line[];

export function addLine(sku: string, qty: number): Change {
  return (lines) => cleanLines([...lines, { sku, qty }]);
}

/** Set one line's quantity; 0 removes it; a sku not in the cart is added. */
export function setLine(sku: string, qty: number): Change {
  return (lines) => {
    const known = lines.some((line) => line.sku === sku);
    return cleanLines(known ? lines.map((line) => (line.sku === sku ? { sku, qty } : line)) : [...lines, { sku, qty }]);
  };
}

/** What the server says the cart is (clipped to stock and limits). */
export function replaceLines(lines: readonly Line[]): Change {
  return () => cleanLines(lines);
}

/** The document after a change; `updated` grows even when the clock does not. */
export function changed(doc: CartDocument, change: Change, now: number): CartDocument {
  return { v: VERSION, lines: change(doc.lines), updated: Math.max(now, doc.updated + 1) };
}

/** Between two tabs the later document wins; a tie keeps what we have. */
export function latest(mine: CartDocument, other: CartDocument): CartDocument {
  return other.updated > mine.updated ? other : mine;
}

export function countOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.qty, 0);
}
