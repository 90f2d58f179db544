/** The cart as it is kept: a versioned document, its migrations, and the rules of changing lines. No browser here. */

export interface Line {
  sku: string;
  qty: number;
  /** The unit price in minor units when somebody last looked: only to say that it changed, never to pay by. */
  seen?: number;
}

export interface CartDocument {
  v: 3;
  lines: Line[];
  /** Milliseconds since the epoch, only ever growing: the later document wins between tabs. */
  updated: number;
  /** What this cart has followed once and must not follow again: orders that emptied it, carts that joined it. */
  marks: string[];
}

export const VERSION = 3;
export const MAX_QTY = 99;
const MAX_MARKS = 40;

export function emptyCart(): CartDocument {
  return { v: VERSION, lines: [], updated: 0, marks: [] };
}

type Unknown = Record<string, unknown>;

/**
 * From each version to the next. Version 0 is a bare `{sku: qty}` object or a bare list of lines; 1 had lines of
 * `{sku, qty}`; 2 remembers the price last seen of each; 3 carries its marks itself instead of beside it.
 */
export const MIGRATIONS: Record<number, (old: Unknown) => Unknown> = {
  0: (old) => ({ v: 1, lines: linesOfVersion0(old), updated: Number(old["updated"]) || 0 }),
  1: (old) => ({ ...old, v: 2 }),
  2: (old) => ({ ...old, v: 3, marks: [] }),
};

function linesOfVersion0(old: Unknown): unknown[] {
  if (Array.isArray(old["items"])) return old["items"];
  return Object.entries(old).filter(([, qty]) => typeof qty === "number").map(([sku, qty]) => ({ sku, qty }));
}

/**
 * Whatever was stored, as a document of today: older versions are carried over, a newer one keeps what can be
 * read of it, broken lines are dropped one by one. Never throws.
 */
export function readCart(stored: unknown): CartDocument {
  if (typeof stored !== "object" || stored === null) return emptyCart();
  let doc: Unknown = Array.isArray(stored) ? { items: stored } : (stored as Unknown);
  for (let version = Number(doc["v"]) || 0; version < VERSION; version += 1) {
    doc = MIGRATIONS[version]?.(doc) ?? doc;
  }
  const lines = Array.isArray(doc["lines"]) ? cleanLines(doc["lines"]) : [];
  const marks = Array.isArray(doc["marks"]) ? doc["marks"].filter((mark): mark is string => typeof mark === "string" && mark !== "") : [];
  return { v: VERSION, lines, updated: Math.max(0, Number(doc["updated"]) || 0), marks: marks.slice(-MAX_MARKS) };
}

/** Valid lines only, one per sku (quantities added), in first-seen order. */
export function cleanLines(lines: readonly unknown[]): Line[] {
  const bySku = new Map<string, Line>();
  for (const line of lines) {
    const { sku, qty, seen } = (line ?? {}) as Partial<Line>;
    const whole = Math.floor(Number(qty));
    if (typeof sku !== "string" || !sku || !(whole > 0)) continue;
    const known = bySku.get(sku);
    const price = known?.seen ?? (typeof seen === "number" && seen >= 0 ? seen : undefined);
    const sum = Math.min(MAX_QTY, (known?.qty ?? 0) + whole);
    bySku.set(sku, price === undefined ? { sku, qty: sum } : { sku, qty: sum, seen: price });
  }
  return [...bySku.values()];
}

export type Change = (lines: readonly Line[]) => Line[];

export function addLine(sku: string, qty: number): Change {
  return (lines) => cleanLines([...lines, { sku, qty }]);
}

/** Set one line's quantity; 0 removes it; a sku not in the cart is added. */
export function setLine(sku: string, qty: number): Change {
  return (lines) => {
    const known = lines.some((line) => line.sku === sku);
    return cleanLines(known ? lines.map((line) => (line.sku === sku ? { ...line, qty } : line)) : [...lines, { sku, qty }]);
  };
}

/** What the server says the cart is (clipped to stock and limits); prices seen before stay known. */
export function replaceLines(lines: readonly Line[]): Change {
  return (before) => {
    const seen = new Map(before.map((line) => [line.sku, line.seen]));
    return cleanLines(lines.map((line) => ({ ...line, seen: line.seen ?? seen.get(line.sku) })));
  };
}

/** At least so many of each: bringing the same again doubles nothing. */
export function bringLines(brought: readonly Line[]): Change {
  return (lines) => {
    const most = new Map(lines.map((line) => [line.sku, line.qty]));
    const more = brought.filter((line) => line.qty > (most.get(line.sku) ?? 0));
    const raised = new Map(more.map((line) => [line.sku, line.qty]));
    const kept = lines.map((line) => ({ ...line, qty: raised.get(line.sku) ?? line.qty }));
    return cleanLines([...kept, ...more.filter((line) => !most.has(line.sku))]);
  };
}

/** The prices that were just shown. */
export function seePrices(prices: Readonly<Record<string, number>>): Change {
  return (lines) => cleanLines(lines.map((line) => ({ ...line, seen: prices[line.sku] ?? line.seen })));
}

/** The document after a change; `updated` grows even when the clock does not. `mark` is remembered with it. */
export function changed(doc: CartDocument, change: Change, now: number, mark = ""): CartDocument {
  const marks = mark ? [...doc.marks, mark].slice(-MAX_MARKS) : doc.marks;
  return { v: VERSION, lines: change(doc.lines), updated: Math.max(now, doc.updated + 1), marks };
}

/** Between two tabs the later document wins; a tie keeps what we have. */
export function latest(mine: CartDocument, other: CartDocument): CartDocument {
  return other.updated > mine.updated ? other : mine;
}

export function countOf(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.qty, 0);
}
