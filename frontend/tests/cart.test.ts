import assert from "node:assert/strict";
import { test } from "node:test";
import { openCart } from "../ts/cart/cart.js";
import { addLine, bringLines, changed, cleanLines, countOf, emptyCart, latest, MAX_QTY, MIGRATIONS, readCart, replaceLines, seePrices, setLine, VERSION } from "../ts/cart/document.js";
import { type Shelf, stackShelves } from "../ts/cart/storage.js";
import type { Tabs } from "../ts/cart/tabs.js";

test("every version below today's has a migration", () => {
  for (let version = 0; version < VERSION; version += 1) assert.ok(MIGRATIONS[version], `from ${version}`);
});

test("a bare {sku: qty} object and a bare list are carried over", () => {
  assert.deepEqual(readCart({ "MAG-90": 2, "VIT-C": 1 }).lines, [{ sku: "MAG-90", qty: 2 }, { sku: "VIT-C", qty: 1 }]);
  assert.deepEqual(readCart([{ sku: "MAG-90", qty: 2 }]).lines, [{ sku: "MAG-90", qty: 2 }]);
});

test("a document of a later version keeps the lines that can be read", () => {
  const doc = readCart({ v: 7, lines: [{ sku: "A", qty: 3, note: "x" }, { what: 1 }], updated: 50, extra: true });
  assert.deepEqual(doc, { v: VERSION, lines: [{ sku: "A", qty: 3 }], updated: 50, marks: [] });
});

test("a cart of version 1 opened by today's code keeps everything", () => {
  const old = { v: 1, lines: [{ sku: "MAG-90", qty: 2 }, { sku: "VIT-C", qty: 12 }], updated: 1_790_000_000_000 };
  assert.equal(VERSION, 3);
  assert.deepEqual(readCart(old), { v: 3, lines: old.lines, updated: old.updated, marks: [] });
});

test("a cart of version 2 keeps the prices it has shown", () => {
  const old = { v: 2, lines: [{ sku: "MAG-90", qty: 2, seen: 2380 }], updated: 7 };
  assert.deepEqual(readCart(old), { v: 3, lines: old.lines, updated: 7, marks: [] });
});

test("today's document is read as it was written", () => {
  const doc = changed(emptyCart(), addLine("A", 2), 5, "MIA-1");
  assert.deepEqual(readCart(structuredClone(doc)), doc);
});

test("a mark is followed once, also by another tab, and survives being stored", async () => {
  const shelf = oneShelf();
  const [left, right] = [openCart({ shelf, tabs: browser()(1) }), openCart({ shelf, tabs: browser()(2) })];
  await left.change(addLine("A", 2));
  await left.follow("MIA-20261121-A9F3", replaceLines([]));
  await right.refresh();
  await right.change(addLine("B", 1));
  await right.follow("MIA-20261121-A9F3", replaceLines([]));
  assert.deepEqual(right.state.getState().doc.lines, [{ sku: "B", qty: 1 }]);
});

test("bringing the same goods again doubles nothing", () => {
  const bring = bringLines([{ sku: "A", qty: 2 }, { sku: "B", qty: 1 }]);
  const once = bring([{ sku: "A", qty: 1 }, { sku: "C", qty: 4 }]);
  assert.deepEqual(once, [{ sku: "A", qty: 2 }, { sku: "C", qty: 4 }, { sku: "B", qty: 1 }]);
  assert.deepEqual(bring(once), once);
});

test("prices seen stay with their lines through every change", () => {
  const seen = seePrices({ A: 2380 })([{ sku: "A", qty: 1 }, { sku: "B", qty: 1 }]);
  assert.deepEqual(seen, [{ sku: "A", qty: 1, seen: 2380 }, { sku: "B", qty: 1 }]);
  const after = replaceLines([{ sku: "A", qty: 3 }])(setLine("A", 5)(addLine("A", 1)(seen)));
  assert.deepEqual(after, [{ sku: "A", qty: 3, seen: 2380 }]);
});

test("rubbish is an empty cart, not an exception", () => {
  for (const junk of [null, 4, "x", { v: 1, lines: "no" }, { v: 1, lines: [null, 3, { sku: "", qty: 1 }, { sku: "A", qty: -1 }] }]) {
    assert.deepEqual(readCart(junk).lines, []);
  }
});

test("lines of one sku are added up and capped", () => {
  assert.deepEqual(cleanLines([{ sku: "A", qty: 60 }, { sku: "B", qty: 1.9 }, { sku: "A", qty: 60 }]), [{ sku: "A", qty: MAX_QTY }, { sku: "B", qty: 1 }]);
});

test("add, set, remove", () => {
  let lines = addLine("A", 1)([]);
  lines = addLine("A", 2)(lines);
  lines = setLine("B", 4)(lines);
  assert.equal(countOf(lines), 7);
  assert.deepEqual(setLine("A", 0)(lines), [{ sku: "B", qty: 4 }]);
});

test("updated grows even when the clock stands still, and the later document wins", () => {
  const first = changed(emptyCart(), addLine("A", 1), 100);
  const second = changed(first, addLine("A", 1), 100);
  assert.ok(second.updated > first.updated);
  assert.equal(latest(first, second), second);
  assert.equal(latest(second, first), second);
  assert.equal(latest(first, { ...first }), first);
});

function oneShelf(): Shelf & { value: unknown } {
  return {
    value: null,
    async read() { return structuredClone(this.value); },
    async write(value) { this.value = structuredClone(value); },
  };
}

/** Tabs of one browser: what one tells, the others hear. */
function browser() {
  const listeners: { tab: number; hear: (value: unknown) => void }[] = [];
  return (tab: number): Tabs => ({
    tell: (value) => listeners.filter((one) => one.tab !== tab).forEach((one) => one.hear(structuredClone(value))),
    hear: (hear) => { listeners.push({ tab, hear }); },
  });
}

test("two tabs stay in step, and neither loses the other's change", async () => {
  const shelf = oneShelf();
  const tabs = browser();
  const [left, right] = [openCart({ shelf, tabs: tabs(1) }), openCart({ shelf, tabs: tabs(2) })];
  await Promise.all([left.refresh(), right.refresh()]);
  await Promise.all([left.change(addLine("A", 1)), left.change(addLine("B", 1))]);
  await right.change(addLine("A", 1));
  assert.deepEqual(left.state.getState().doc, right.state.getState().doc);
  assert.deepEqual(left.state.getState().doc.lines, [{ sku: "A", qty: 2 }, { sku: "B", qty: 1 }]);
});

test("a tab that heard nothing still applies its change to what is stored", async () => {
  const shelf = oneShelf();
  const deaf: Tabs = { tell: () => undefined, hear: () => undefined };
  const [left, right] = [openCart({ shelf, tabs: deaf }), openCart({ shelf, tabs: deaf })];
  await left.change(addLine("A", 1));
  await right.change(addLine("B", 1));
  assert.deepEqual(right.state.getState().doc.lines, [{ sku: "A", qty: 1 }, { sku: "B", qty: 1 }]);
});

test("nothing is shown as known before the stored cart was read", async () => {
  const shelf = oneShelf();
  shelf.value = { v: 1, lines: [{ sku: "A", qty: 2 }], updated: 5 };
  const cart = openCart({ shelf, tabs: browser()(1) });
  assert.equal(cart.state.getState().ready, false);
  await cart.refresh();
  assert.equal(cart.state.getState().ready, true);
  assert.equal(countOf(cart.state.getState().doc.lines), 2);
});

test("a change is seen at once, before it is written", async () => {
  const cart = openCart({ shelf: oneShelf(), tabs: browser()(1) });
  await cart.refresh();
  const written = cart.change(addLine("A", 1));
  assert.equal(countOf(cart.state.getState().doc.lines), 1);
  await written;
});

test("the server's clipped lines replace ours", async () => {
  const cart = openCart({ shelf: oneShelf(), tabs: browser()(1) });
  await cart.change(addLine("A", 9));
  await cart.change(replaceLines([{ sku: "A", qty: 3 }]));
  assert.deepEqual(cart.state.getState().doc.lines, [{ sku: "A", qty: 3 }]);
});

const broken: Shelf = { read: () => Promise.reject(new Error("denied")), write: () => Promise.reject(new Error("denied")) };

test("where every shelf fails, memory keeps the cart for this page, and it is said once", async () => {
  let said = 0;
  const cart = openCart({ shelf: stackShelves([broken, { ...broken }], () => { said += 1; }), tabs: browser()(1) });
  await cart.refresh();
  await cart.change(addLine("A", 1));
  await cart.change(addLine("B", 2));
  assert.deepEqual(cart.state.getState().doc.lines, [{ sku: "A", qty: 1 }, { sku: "B", qty: 2 }]);
  assert.equal(said, 1);
});

test("a shelf that is full hands over to the next, which is found again", async () => {
  const [upper, lower] = [oneShelf(), oneShelf()];
  upper.value = { v: 1, lines: [{ sku: "A", qty: 1 }], updated: 5 };
  const full: Shelf = { read: () => upper.read(), write: () => Promise.reject(new Error("QuotaExceededError")) };
  const never = () => assert.fail("the lower shelf works");
  const cart = openCart({ shelf: stackShelves([full, lower], never), tabs: browser()(1) });
  await cart.refresh();
  await cart.change(addLine("B", 1));
  const next = openCart({ shelf: stackShelves([upper, lower], never), tabs: browser()(2) });
  await next.refresh();
  assert.deepEqual(next.state.getState().doc.lines, [{ sku: "A", qty: 1 }, { sku: "B", qty: 1 }]);
});
