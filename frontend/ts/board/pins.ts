/** Orders, drivers and branches on the board's map. The lists beside it say the same in words. */
import L from "leaflet";
import { one } from "../lib/dom.js";
import type { TheriacMap } from "../map/create.js";
import { type DriverPin, placeDriver, placePin, spriteIcon } from "../map/pins.js";
import type { Spot } from "../map/region.js";

interface State {
  orders: { code: string; at: Spot; status: string; late: boolean; ring: boolean; title: string }[];
  drivers: { id: number; initials: string; at: Spot; state: "" | "idle" | "off"; title: string }[];
  places: { name: string; at: Spot }[];
}

/** About 60 m: orders of one ZIP share its middle and would hide each other. */
const SPREAD = 0.0006;
const GOLDEN = 2.399963;

export class BoardPins {
  readonly #map: TheriacMap;
  readonly #orders: L.LayerGroup;
  readonly #drivers = new Map<number, DriverPin>();
  #fitted = false;
  #shown = "";

  constructor(map: TheriacMap, sprite: string) {
    this.#map = map;
    this.#orders = L.layerGroup().addTo(map.leaflet);
    for (const place of read().places) placePin(map.leaflet, place.at, spriteIcon(sprite, "store"), "", place.name);
  }

  /** Draw what the page says now. */
  show(): void {
    const text = one("#board-state")?.dataset["pins"] ?? "";
    if (text === this.#shown) return;
    this.#shown = text;
    const state = read();
    this.#orders.clearLayers();
    const used = new Map<string, number>();
    for (const order of state.orders) this.#order(order, used);
    this.#showDrivers(state.drivers);
    this.#fit(state);
  }

  /** A fix came over the socket. */
  move(id: number, at: Spot): void {
    this.#drivers.get(id)?.moveTo(at);
  }

  has(id: number): boolean {
    return this.#drivers.has(id);
  }

  #order(order: State["orders"][number], used: Map<string, number>): void {
    const key = order.at.join();
    const turn = used.get(key) ?? 0;
    used.set(key, turn + 1);
    const far = SPREAD * Math.sqrt(turn);
    const at: Spot = [order.at[0] + far * Math.sin(turn * GOLDEN), order.at[1] + far * Math.cos(turn * GOLDEN)];
    const dot = document.createElement("div");
    dot.className = `opin st-${order.status}${order.ring ? " ring" : order.late ? " late" : ""}`;
    const icon = L.divIcon({ className: "", html: dot, iconSize: [0, 0] });
    L.marker(at, { icon, title: order.title, alt: order.title, keyboard: false, zIndexOffset: order.ring ? 700 : 300 })
      .on("click", () => document.getElementById(`card-${order.code}`)?.click())
      .addTo(this.#orders);
  }

  #showDrivers(drivers: State["drivers"]): void {
    const ids = new Set(drivers.map((driver) => driver.id));
    for (const [id, pin] of this.#drivers) {
      if (ids.has(id)) continue;
      pin.remove();
      this.#drivers.delete(id);
    }
    for (const driver of drivers) {
      let pin = this.#drivers.get(driver.id);
      if (!pin) {
        pin = placeDriver(this.#map.leaflet, driver.at, driver.initials, { small: true, title: driver.title });
        this.#drivers.set(driver.id, pin);
      }
      const [lat, lng] = pin.at();
      if (lat !== driver.at[0] || lng !== driver.at[1]) pin.moveTo(driver.at);
      pin.setState(driver.state);
    }
  }

  /** Once: afterwards the map stays where the dispatcher has put it. */
  #fit(state: State): void {
    const spots = [...state.places, ...state.orders, ...state.drivers].map((thing) => thing.at);
    if (this.#fitted || spots.length === 0) return;
    this.#fitted = true;
    if (spots.length > 1) this.#map.fit(spots, [36, 36, 36, 36]);
    else this.#map.leaflet.setView(spots[0] as Spot, 12.5);
  }
}

function read(): State {
  const text = one("#board-state")?.dataset["pins"];
  return text ? (JSON.parse(text) as State) : { orders: [], drivers: [], places: [] };
}
