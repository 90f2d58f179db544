import assert from "node:assert/strict";
import { test } from "node:test";
import { course, glideTo, isDone, nearestTurn, spotAt } from "../ts/map/glide.js";

test("half-way through the glide the pin is half-way there, and it stops at the fix", () => {
  const glide = glideTo([25.75, -80.2], [25.76, -80.21], 1000, 3000);
  const [lat, lng] = spotAt(glide, 2500);
  assert.ok(Math.abs(lat - 25.755) < 1e-9 && Math.abs(lng + 80.205) < 1e-9);
  assert.deepEqual(spotAt(glide, 99_000), [25.76, -80.21]);
  assert.equal(isDone(glide, 3999), false);
  assert.equal(isDone(glide, 4000), true);
});

test("a far fix is a jump", () => {
  assert.deepEqual(spotAt(glideTo([25.75, -80.2], [25.9, -80.2], 1000), 1000), [25.9, -80.2]);
});

test("course is clockwise from north, and unknown when nothing moved", () => {
  assert.equal(course([25, -80], [25.01, -80]), 0);
  assert.equal(Math.round(course([0, -80], [0, -79.99]) ?? -1), 90);
  assert.equal(course([25, -80], [25.000001, -80]), null);
});

test("turning takes the short way", () => {
  assert.equal(nearestTurn(350, 10), 370);
  assert.equal(nearestTurn(10, 350), -10);
});
