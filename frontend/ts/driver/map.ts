/** The driver's map: the way to the stop that is open, every other stop, and oneself. */
import { one } from "../lib/dom.js";
import { createMap, type TheriacMap } from "../map/create.js";
import { cutWay, gridWay } from "../map/path.js";
import { type DriverPin, placeDriver, placePin, spriteIcon } from "../map/pins.js";
import type { Spot } from "../map/region.js";
import type { DriverData } from "./page.js";

export class DriverMap {
  #me: DriverPin | null = null;
  #pins: { remove(): void }[] = [];
  #data: DriverData | null = null;

  private constructor(private readonly map: TheriacMap, private readonly place: HTMLElement) {
    // The sheet and the banner change height; the way stays in what is left of the map.
    new ResizeObserver(() => this.frame()).observe(place);
  }

  static async open(): Promise<DriverMap | null> {
    const place = one("#driver-map");
    return place ? new DriverMap(await createMap(place), place) : null;
  }

  show(data: DriverData, code: string | null): void {
    this.#data = { ...data, current: code ?? data.current };
    this.#pins.forEach((pin) => pin.remove());
    this.#pins = [];
    const { sprite = "" } = this.place.dataset;
    for (const stop of data.stops) {
      if (stop.door) this.#pins.push(placePin(this.map.leaflet, stop.door, String(stop.number), stop.code === this.#data.current ? "amber" : "", stop.name));
    }
    const waiting = data.stops.find((stop) => !stop.pickedUp);
    if (waiting) this.#pins.push(placePin(this.map.leaflet, waiting.branch, spriteIcon(sprite, "store"), "", waiting.branchName));
    if (data.me && !this.#me) this.moveTo(data.me);
    this.#way();
    this.frame();
  }

  moveTo(at: Spot): void {
    const { sprite = "", nameMe = "" } = this.place.dataset;
    const first = !this.#me;
    if (this.#me) this.#me.moveTo(at);
    else this.#me = placeDriver(this.map.leaflet, at, spriteIcon(sprite, "navigation-2"), { title: nameMe });
    if (this.#data) this.#data.me = at;
    this.#way();
    if (first) this.frame();
  }

  centre(): void {
    if (this.#data?.me) this.map.leaflet.setView(this.#data.me, 15);
  }

  frame(): void {
    const stop = this.#data?.stops.find((one) => one.code === this.#data?.current);
    const ends = stop?.pickedUp ? [stop.door] : [stop?.branch];
    const spots = [this.#data?.me ?? stop?.branch, ...ends].filter((spot): spot is Spot => Boolean(spot));
    const under = Math.min(24, (one(".drv-sheet")?.offsetHeight ?? 0));
    this.map.leaflet.invalidateSize();
    this.map.fit(spots, [190, 44, 40 + under, 44]);
  }

  #way(): void {
    const data = this.#data;
    const stop = data?.stops.find((one) => one.code === data.current);
    if (!data || !stop) return this.map.setRoute([]);
    const me = data.me;
    if (!stop.pickedUp) return this.map.setRoute(me ? gridWay(me, stop.branch) : []);
    if (!stop.door) return this.map.setRoute([]);
    if (!me) return this.map.setRoute(stop.path);
    const { done, ahead } = cutWay(stop.path, me);
    this.map.setRoute(ahead, done);
  }
}
