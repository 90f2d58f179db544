/**
 * The map of every live page. The element says what it shows:
 * `data-base` address of the region file, `data-tiles` a tile template instead of it, `data-attribution` its source,
 * `data-zones` id of a JSON block with the zones, `data-zoom-in` / `data-zoom-out` the names of the buttons.
 */
import L from "leaflet";
import { pageData } from "../lib/dom.js";
import { drawBase, label } from "./base.js";
import { loadRegion, type Spot } from "./region.js";

export interface Zone {
  name: string;
  /** One ring, [lat, lng]; without it only the labels are shown. */
  ring?: Spot[];
  /** ZIP codes with the place of their label. */
  zips?: { zip: string; at: Spot }[];
}

export interface TheriacMap {
  leaflet: L.Map;
  /** Fit to these spots; `padding` in px keeps sheets and panels off them: [top, right, bottom, left]. */
  fit(spots: Spot[], padding?: [number, number, number, number]): void;
  /** Draw the way: done in grey, ahead in green. Calling again replaces it. */
  setRoute(ahead: Spot[], done?: Spot[]): void;
  setZones(zones: Zone[]): void;
}

export async function createMap(element: HTMLElement, options: { still?: boolean; center?: Spot; zoom?: number } = {}): Promise<TheriacMap> {
  const { base, tiles, attribution = "", zones, zoomIn = "", zoomOut = "" } = element.dataset;
  const still = options.still ?? "still" in element.dataset;
  const leaflet = L.map(element, {
    zoomControl: false, attributionControl: false, zoomSnap: 0.25, minZoom: 8, maxZoom: 18,
    scrollWheelZoom: !still, dragging: !still, keyboard: !still, touchZoom: !still, doubleClickZoom: !still,
  });
  L.control.attribution({ position: "bottomright", prefix: false }).addAttribution(attribution).addTo(leaflet);
  if (!still) L.control.zoom({ position: "bottomright", zoomInTitle: zoomIn, zoomOutTitle: zoomOut }).addTo(leaflet);
  if (tiles) {
    leaflet.setView(options.center ?? [0, 0], options.zoom ?? 13);
    L.tileLayer(tiles, { maxZoom: 19 }).addTo(leaflet);
    L.control.scale({ position: "bottomleft", maxWidth: 90 }).addTo(leaflet);
  } else if (base) {
    const region = await loadRegion(base);
    leaflet.setView(options.center ?? region.center, options.zoom ?? region.zoom);
    const whole = L.latLngBounds([region.outer[0], region.outer[1]], [region.outer[2], region.outer[3]]);
    leaflet.setMaxBounds(whole).setMinZoom(leaflet.getBoundsZoom(whole, true));
    drawBase(leaflet, region);
    L.control.scale({ position: "bottomleft", maxWidth: 90, metric: !region.imperial, imperial: region.imperial }).addTo(leaflet);
  }
  const made = dress(leaflet);
  const given = zones ? pageData<Zone[]>(zones) : null;
  if (given) made.setZones(given);
  return made;
}

function dress(leaflet: L.Map): TheriacMap {
  const zoneLayer = L.layerGroup().addTo(leaflet);
  const routeLayer = L.layerGroup().addTo(leaflet);
  return {
    leaflet,
    fit(spots, [top, right, bottom, left] = [48, 48, 48, 48]) {
      if (spots.length === 0) return;
      leaflet.fitBounds(L.latLngBounds(spots), { paddingTopLeft: [left, top], paddingBottomRight: [right, bottom], maxZoom: 15.5 });
    },
    setRoute(ahead, done = []) {
      routeLayer.clearLayers();
      const draw = (points: Spot[], className: string, weight: number) =>
        L.polyline(points, { className, weight, interactive: false, lineCap: "round", lineJoin: "round" }).addTo(routeLayer);
      if (done.length > 1) draw(done, "m-route-done", 5);
      if (ahead.length > 1) {
        draw(ahead, "m-route-bg", 10);
        draw(ahead, "m-route", 5.5);
      }
    },
    setZones(zones) {
      zoneLayer.clearLayers();
      for (const zone of zones) {
        if (zone.ring) L.polygon(zone.ring, { className: "m-zone", weight: 1.5, interactive: false }).addTo(zoneLayer);
        for (const { zip, at } of zone.zips ?? []) label(leaflet, at, zip, "z").addTo(zoneLayer);
      }
    },
  };
}
