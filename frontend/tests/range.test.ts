import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceOf, holds, spotOf } from "../ts/admin/range.js";

test("a range is the same whichever way it is dragged", () => {
  const a = spotOf("2026-11-20T18:00");
  const b = spotOf("2026-11-21T16:15");
  const choice = choiceOf(a, b, 15);
  assert.deepEqual(choice, { first: "2026-11-20", last: "2026-11-21", start: "16:15", until: "18:15" });
  assert.deepEqual(choiceOf(b, a, 15), choice);
  assert.ok(holds(choice, a) && holds(choice, b) && holds(choice, spotOf("2026-11-20T16:15")));
  assert.ok(!holds(choice, spotOf("2026-11-20T18:15")) && !holds(choice, spotOf("2026-11-22T17:00")));
  assert.ok(!holds(choice, spotOf("2026-11-20T16:00")));
});

test("the last slot of the day ends at midnight", () => {
  const last = spotOf("2026-11-20T23:30");
  const choice = choiceOf(last, last, 30);
  assert.equal(choice.until, "00:00");
  assert.ok(holds(choice, last) && !holds(choice, spotOf("2026-11-20T23:00")));
});
