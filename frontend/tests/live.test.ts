import assert from "node:assert/strict";
import { test } from "node:test";
import { SeqCursor } from "../ts/live/cursor.js";
import { type Clock, SilenceWatch } from "../ts/live/silence.js";

test("messages are applied once and in order; the past is dropped", () => {
  const cursor = new SeqCursor(4);
  assert.equal(cursor.judge(5), "apply");
  assert.equal(cursor.judge(5), "duplicate");
  assert.equal(cursor.judge(3), "duplicate");
  assert.equal(cursor.judge(8), "gap");
  assert.equal(cursor.last, 8);
});

test("the first message of a fresh page is no gap, an unnumbered one is always applied", () => {
  const cursor = new SeqCursor();
  assert.equal(cursor.judge(undefined), "apply");
  assert.equal(cursor.last, 0);
  assert.equal(cursor.judge(41), "apply");
});

test("a snapshot moves the cursor forward only", () => {
  const cursor = new SeqCursor(10);
  cursor.advanceTo(7);
  cursor.advanceTo("12");
  assert.equal(cursor.last, 10);
  cursor.advanceTo(12);
  assert.equal(cursor.judge(12), "duplicate");
});

function handClock() {
  let at = 0;
  let next = 1;
  const timers = new Map<number, { run: () => void; due: number }>();
  const clock: Clock = {
    set: (run, ms) => { timers.set(next, { run, due: at + ms }); return next++; },
    clear: (timer) => { timers.delete(timer as number); },
  };
  async function pass(ms: number): Promise<void> {
    const end = at + ms;
    for (;;) {
      const due = [...timers].filter(([, timer]) => timer.due <= end).sort(([, a], [, b]) => a.due - b.due)[0];
      if (!due) break;
      timers.delete(due[0]);
      at = due[1].due;
      due[1].run();
      await new Promise((resolve) => setImmediate(resolve));
    }
    at = end;
  }
  return { clock, pass };
}

function watched() {
  const { clock, pass } = handClock();
  const asked: string[] = [];
  const changes: boolean[] = [];
  const watch = new SilenceWatch({
    silenceMs: 15_000, everyMs: 10_000, clock,
    ask: async () => { asked.push("get"); }, onChange: (silent) => changes.push(silent),
  });
  watch.start();
  return { watch, pass, asked, changes };
}

test("fifteen seconds of silence start the asking, every ten seconds, until something is heard", async () => {
  const { watch, pass, asked, changes } = watched();
  await pass(14_000);
  watch.heard();
  await pass(14_900);
  assert.equal(asked.length, 0);
  await pass(100);
  assert.deepEqual([asked.length, changes], [1, [true]]);
  await pass(20_000);
  assert.equal(asked.length, 3);
  watch.heard();
  await pass(14_000);
  assert.deepEqual([asked.length, changes], [3, [true, false]]);
});

test("a known cut asks at once, and stopping ends it", async () => {
  const { watch, pass, asked } = watched();
  watch.lost();
  await pass(0);
  assert.equal(asked.length, 1);
  watch.stop();
  await pass(60_000);
  assert.equal(asked.length, 1);
});
