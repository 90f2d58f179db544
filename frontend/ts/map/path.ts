/** Where along a way somebody is: the part behind and the part ahead. Plain numbers, no map. */
import type { Spot } from "./region.js";

const RADIUS = 6_371_000;
/** Streets are longer than the straight line; the server reckons with the same factor. */
const ROAD_FACTOR = 1.35;
/** Farther off the way than this (metres) somebody goes another way. */
const OFF_WAY = 120;

export function metres(a: Spot, b: Spot): number {
  const rad = Math.PI / 180;
  const half = Math.sin(((b[0] - a[0]) * rad) / 2) ** 2
    + Math.cos(a[0] * rad) * Math.cos(b[0] * rad) * Math.sin(((b[1] - a[1]) * rad) / 2) ** 2;
  return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(half)));
}

export function roadMetres(a: Spot, b: Spot): number {
  return metres(a, b) * ROAD_FACTOR;
}

/** A way along the street grid in two legs, as the server draws it: they meet at the western corner. */
export function gridWay(a: Spot, b: Spot): Spot[] {
  const [east, west] = a[1] >= b[1] ? [a, b] : [b, a];
  return [a, [east[0], west[1]], b];
}

function nearestOn(a: Spot, b: Spot, at: Spot): Spot {
  const squeeze = Math.cos((at[0] * Math.PI) / 180);
  const [dy, dx] = [b[0] - a[0], (b[1] - a[1]) * squeeze];
  const length = dy * dy + dx * dx;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((at[0] - a[0]) * dy + (at[1] - a[1]) * squeeze * dx) / length));
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
}

/** The way cut where `at` is nearest to it; off the way, a fresh one from there to its end. */
export function cutWay(way: Spot[], at: Spot): { done: Spot[]; ahead: Spot[] } {
  const end = way.at(-1);
  if (!end) return { done: [], ahead: [] };
  let best = { leg: 0, spot: way[0] as Spot, off: Infinity };
  for (let leg = 0; leg + 1 < way.length; leg++) {
    const spot = nearestOn(way[leg] as Spot, way[leg + 1] as Spot, at);
    const off = metres(spot, at);
    if (off < best.off) best = { leg, spot, off };
  }
  if (best.off > OFF_WAY) return { done: [], ahead: gridWay(at, end) };
  return { done: [...way.slice(0, best.leg + 1), best.spot, at], ahead: [at, best.spot, ...way.slice(best.leg + 1)] };
}
