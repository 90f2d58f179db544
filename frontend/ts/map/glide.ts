/** Movement between two fixes: where the pin is at a moment, and which way it faces. Plain numbers, no map. */
import type { Spot } from "./region.js";

/** A fix arrives every 3–5 s: the pin takes three seconds to get there. */
export const GLIDE_MS = 3000;
/** Farther than this (degrees, about 2 km) the pin jumps: a gap in the fixes is not a flight over roofs. */
const JUMP = 0.02;

export interface Glide {
  from: Spot;
  to: Spot;
  start: number;
  ms: number;
}

export function glideTo(from: Spot, to: Spot, start: number, ms = GLIDE_MS): Glide {
  const far = Math.abs(to[0] - from[0]) > JUMP || Math.abs(to[1] - from[1]) > JUMP;
  return { from, to, start, ms: far ? 0 : ms };
}

export function spotAt({ from, to, start, ms }: Glide, now: number): Spot {
  const share = ms <= 0 ? 1 : Math.min(1, Math.max(0, (now - start) / ms));
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

export function isDone(glide: Glide, now: number): boolean {
  return now - glide.start >= glide.ms;
}

/** Degrees clockwise from north; null when the two spots are the same to about a metre. */
export function course(from: Spot, to: Spot): number | null {
  const north = to[0] - from[0];
  const east = (to[1] - from[1]) * Math.cos((from[0] * Math.PI) / 180);
  if (Math.hypot(north, east) < 1e-5) return null;
  return (Math.atan2(east, north) * 180) / Math.PI;
}

/** The equivalent of `angle` nearest to `before`, so that turning from 350° to 10° goes 20° and not back around. */
export function nearestTurn(before: number, angle: number): number {
  return before + ((((angle - before) % 360) + 540) % 360) - 180;
}
