/** Pins: the store, the customer's door, numbered stops, and drivers that glide between fixes. */
import L from "leaflet";
import { prefersReducedMotion } from "../lib/dom.js";
import { course, type Glide, glideTo, isDone, nearestTurn, spotAt } from "./glide.js";
import type { Spot } from "./region.js";

const SVG = "http://www.w3.org/2000/svg";

/** An icon of the sprite, for use inside a pin. `sprite` is the sprite's address. */
export function spriteIcon(sprite: string, name: string): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/** A drop pin: `kind` "" is the store's green, "amber" the door or the next stop. `inside` is an icon or a short text. */
export function placePin(map: L.Map, at: Spot, inside: Element | string, kind = "", title = ""): L.Marker {
  const pin = document.createElement("div");
  pin.className = `pin ${kind}`;
  const slot = document.createElement(typeof inside === "string" ? "b" : "span");
  slot.append(inside);
  pin.append(slot);
  return place(map, at, pin, 500, title);
}

function place(map: L.Map, at: Spot, element: HTMLElement, zIndexOffset: number, title: string): L.Marker {
  const icon = L.divIcon({ className: "", html: element, iconSize: [0, 0] });
  return L.marker(at, { icon, zIndexOffset, keyboard: false, interactive: Boolean(title), title, alt: title }).addTo(map);
}

export interface DriverPin {
  /** A new fix; the pin glides there in about three seconds. */
  moveTo(at: Spot): void;
  /** "" on the road, "idle" free, "off" not heard of. */
  setState(state: "" | "idle" | "off"): void;
  at(): Spot;
  remove(): void;
}

export function placeDriver(map: L.Map, at: Spot, inside: Element | string, options: { small?: boolean; title?: string } = {}): DriverPin {
  const element = document.createElement("div");
  const size = options.small ? "drv sm" : "drv";
  element.className = size;
  const slot = typeof inside === "string" ? document.createElement("b") : document.createElement("span");
  slot.append(inside);
  const nose = document.createElement("i");
  nose.className = "nose";
  nose.hidden = true;
  element.append(slot, nose);
  const marker = place(map, at, element, 900, options.title ?? "");
  let glide: Glide = glideTo(at, at, 0, 0);
  let facing = 0;
  let frame = 0;

  function step(): void {
    const now = performance.now();
    marker.setLatLng(spotAt(glide, now));
    frame = isDone(glide, now) ? 0 : requestAnimationFrame(step);
  }

  return {
    moveTo(to) {
      const from = spotAt(glide, performance.now());
      const turn = course(from, to);
      if (turn !== null) {
        facing = nearestTurn(facing, turn);
        nose.hidden = false;
        nose.style.setProperty("--course", `${facing}deg`);
      }
      glide = glideTo(from, to, performance.now(), prefersReducedMotion() ? 0 : undefined);
      if (!frame) step();
    },
    setState(state) {
      element.className = state ? `${size} ${state}` : size;
    },
    at: () => spotAt(glide, performance.now()),
    remove() {
      cancelAnimationFrame(frame);
      marker.remove();
    },
  };
}
