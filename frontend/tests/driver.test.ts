import assert from "node:assert/strict";
import { test } from "node:test";
import { intoWallet, readAmount } from "../ts/driver/cash.js";
import { type FixItem, type Item, Queue, type TapItem } from "../ts/driver/queue.js";
import { cutWay, gridWay, metres } from "../ts/map/path.js";
import { type PositionMessage, Trail } from "../ts/track/state.js";

function phone(kept: Item[] = []) {
  const told: string[] = [];
  const disk = { items: kept };
  const signal = { up: true };
  const store = { load: async () => [...disk.items], save: async (items: Item[]) => { disk.items = [...items]; } };
  const senders = {
    fixes: async (items: FixItem[]) => {
      if (!signal.up) throw new Error("no answer");
      told.push(...items.map((item) => `fix ${item.seq}`));
      return items.map((item) => item.seq);
    },
    tap: async (item: TapItem) => {
      if (!signal.up) throw new Error("no answer");
      told.push(`tap ${item.key}`);
      return "done" as const;
    },
  };
  return { queue: new Queue(store, senders, () => undefined), told, disk, signal };
}

const tap = (key: string) => ({ key, url: "/x", body: "", code: "A", step: "pick-up", at: "2026-11-20T17:00:00Z" });
const at = (ms: number) => new Date(ms);

test("what happened without signal is told in its order, once", async () => {
  const { queue, told, signal } = phone();
  await queue.open(0);
  signal.up = false;
  await queue.addFix(1, 1, at(10));
  await queue.addFix(1, 2, at(20));
  await queue.addTap(tap("a"));
  await queue.addTap(tap("a"));
  await queue.addFix(1, 3, at(30));
  await queue.flush();
  assert.equal(queue.waiting, 4);
  assert.equal(queue.failing, true);
  signal.up = true;
  await Promise.all([queue.flush(), queue.flush()]);
  assert.deepEqual(told, ["fix 10", "fix 20", "tap a", "fix 30"]);
  assert.equal(queue.waiting, 0);
});

test("a phone that was switched off goes on where it was, and counts on", async () => {
  const first = phone();
  await first.queue.open(0);
  first.signal.up = false;
  await first.queue.addFix(1, 1, at(100));
  await first.queue.flush();
  const second = phone(first.disk.items);
  await second.queue.open(50);
  await second.queue.addFix(1, 2, at(90)); // its clock went back
  await second.queue.flush();
  assert.deepEqual(second.told, ["fix 100", "fix 101"]);
});

test("a tap without an answer stays, one that was refused does not come again", async () => {
  const outcomes: ("again" | "done")[] = ["again", "done"];
  const store = { load: async () => [], save: async () => undefined };
  const queue = new Queue(store, { fixes: async () => [], tap: async () => outcomes.shift() ?? "done" }, () => undefined);
  await queue.open(0);
  await queue.addTap(tap("a"));
  await queue.flush();
  await queue.flush();
  assert.equal(queue.waiting, 0);
  assert.equal(outcomes.length, 0);
});

test("amounts are read as the server reads them", () => {
  const cases: [string, number, number | null][] = [
    ["40", 2, 4000], ["40.5", 2, 4050], ["40,50", 2, 4050], ["$1,040.00", 2, 104000], ["1.040,00", 2, 104000], ["1 040,50", 2, 104050], ["1.005", 2, null], ["-5", 2, null], ["Rp 150.000", 0, 150000], ["", 2, null], ["x", 2, null],
  ];
  for (const [text, digits, minor] of cases) assert.equal(readAmount(text, digits), minor, text);
});

test("positions come in the order of the way, each once, also while joining", () => {
  const seen: string[] = [];
  const message = (second: number): PositionMessage => ({
    seq: second, lat: 0, lng: 0, at: `2026-11-20T17:00:0${second}Z`, eta_minutes: 1, arrives_at: null, delayed: false, status: "PICKED_UP",
  });
  const trail = new Trail(message(1).at, ({ at: time }) => seen.push(time));
  trail.take(message(4));
  trail.release([message(1), message(2), message(3)]);
  trail.take(message(4));
  trail.hold();
  trail.take(message(6));
  trail.release([message(5), message(6)]);
  assert.deepEqual(seen.map((time) => Number(time.at(-2))), [2, 3, 4, 5, 6]);
});

test("a way is cut where somebody is; off it a new one begins", () => {
  const way = gridWay([25.7663, -80.1937], [25.7512, -80.2096]);
  const { done, ahead } = cutWay(way, [25.7663, -80.2]);
  assert.ok(metres(done.at(-1) as [number, number], [25.7663, -80.2]) < 1);
  assert.deepEqual(ahead.at(-1), [25.7512, -80.2096]);
  assert.deepEqual(cutWay(way, [25.79, -80.15]).done, []);
  assert.deepEqual(cutWay([], [0, 0]), { done: [], ahead: [] });
});

test("so much of the change goes into the wallet", () => {
  const cases: [number, string, number, number][] = [
    [534, "coins", 100, 34], [534, "wallet", 100, 534], [534, "given", 100, 0], [534, "", 100, 0],
    [0, "wallet", 100, 0], [-20, "coins", 100, 0], [12_600, "coins", 1000, 600],
  ];
  for (const [change, way, unit, kept] of cases) assert.equal(intoWallet(change, way, unit), kept);
});
