/** Fixes of the device while on a delivery: every 3 to 5 s on the move, seldom when standing. The screen stays on. */
import { metres } from "../map/path.js";
import type { Spot } from "../map/region.js";

const EVERY_MS = 3000;
const STANDING_MS = 15_000;
const STANDING_M = 8;

export class Location {
  #watch: number | null = null;
  #last: { at: Spot; time: number } | null = null;
  #lock: WakeLockSentinel | null = null;

  constructor(private readonly onFix: (at: Spot, time: Date) => void) {
    document.addEventListener("visibilitychange", () => { if (this.#watch !== null) void this.#keepAwake(); });
  }

  /** Share while `wanted`. */
  set(wanted: boolean): void {
    if (wanted === (this.#watch !== null) || !("geolocation" in navigator)) return;
    if (wanted) {
      this.#watch = navigator.geolocation.watchPosition((position) => this.#take(position), () => undefined, { enableHighAccuracy: true, maximumAge: 2000 });
      void this.#keepAwake();
    } else {
      navigator.geolocation.clearWatch(this.#watch as number);
      this.#watch = null;
      void this.#lock?.release();
      this.#lock = null;
    }
  }

  #take({ coords, timestamp }: GeolocationPosition): void {
    const at: Spot = [coords.latitude, coords.longitude];
    const since = this.#last ? timestamp - this.#last.time : Infinity;
    const moved = this.#last ? metres(this.#last.at, at) : Infinity;
    if (since < EVERY_MS || (moved < STANDING_M && since < STANDING_MS)) return;
    this.#last = { at, time: timestamp };
    this.onFix(at, new Date(timestamp));
  }

  async #keepAwake(): Promise<void> {
    if (!("wakeLock" in navigator) || document.visibilityState !== "visible" || (this.#lock && !this.#lock.released)) return;
    // Refused with a low battery: the page works without.
    this.#lock = await navigator.wakeLock.request("screen").catch(() => null);
  }
}
