/** Draws the paper map: water with a graticule, land with a soft shore, roads that grow with the zoom, names. */
import L from "leaflet";
import type { Region, Spot } from "./region.js";

type Stroke = { line: L.Polyline; at13: number };

/** Add the region under everything else of the map. */
export function drawBase(map: L.Map, region: Region): void {
  const pane = map.createPane("base");
  pane.style.zIndex = "150";
  const renderer = L.svg({ padding: 0.6, pane: "base" });
  const common = { renderer, pane: "base", interactive: false, smoothFactor: 0.5 };
  const strokes: Stroke[] = [];
  const fill = (ring: Spot[], className: string) => L.polygon(ring, { ...common, className, weight: 0 }).addTo(map);
  const stroke = (points: Spot[], className: string, at13: number) => {
    strokes.push({ line: L.polyline(points, { ...common, className, lineCap: "round" }).addTo(map), at13 });
  };

  graticule(region.outer).forEach((line) => L.polyline(line, { ...common, className: "m-grid", weight: 1 }).addTo(map));
  const shore = region.land.flatMap((ring) => coast(ring, region.inner));
  shore.forEach((line) => stroke(line, "m-shoal", 16));
  region.far.forEach((ring) => fill(ring, "m-far"));
  region.land.forEach((ring) => fill(ring, "m-land"));
  shore.forEach((line) => stroke(line, "m-coast", 1));
  region.parks.forEach((ring) => fill(ring, "m-park"));
  region.minor.forEach((line) => stroke(line, "m-minor", 1));
  region.rivers.forEach((line) => stroke(line, "m-water", 5));
  [...region.roads, ...region.highways].forEach((line, index) => stroke(line, "m-case", index < region.roads.length ? 4.6 : 6.6));
  region.roads.forEach((line) => stroke(line, "m-road", 3));
  region.highways.forEach((line) => stroke(line, "m-hwy", 4.6));
  region.labels.forEach(({ k, t, at }) => label(map, at, t, k));

  const resize = () => scale(map, strokes);
  map.on("zoomend", resize);
  resize();
}

function scale(map: L.Map, strokes: Stroke[]): void {
  const zoom = map.getZoom();
  const factor = Math.min(4, Math.max(0.25, 1.45 ** (zoom - 13)));
  for (const { line, at13 } of strokes) line.setStyle({ weight: at13 * factor });
  map.getContainer().dataset["zoom"] = zoom < 11 ? "far" : zoom < 12.75 ? "mid" : "near";
}

/** A name on the map; `kind` is the class that styles it. */
export function label(map: L.Map, at: Spot, text: string, kind: string): L.Marker {
  const words = document.createElement("div");
  words.className = `m-label ${kind}`;
  words.textContent = text;
  const icon = L.divIcon({ className: "", html: words, iconSize: [0, 0] });
  return L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(map);
}

/** The parts of a ring that are shore: not the straight cuts along the edge of the detailed box. */
function coast(ring: Spot[], [south, west, north, east]: Region["inner"]): Spot[][] {
  const edges: [0 | 1, number][] = [[0, south], [1, west], [0, north], [1, east]];
  const isCut = (a: Spot, b: Spot) => edges.some(([axis, bound]) => a[axis] === bound && b[axis] === bound);
  const runs: Spot[][] = [[]];
  for (const [index, spot] of [...ring, ring[0] as Spot].entries()) {
    const before = index > 0 ? (ring[index - 1] as Spot) : null;
    if (before && isCut(before, spot)) runs.push([]);
    runs.at(-1)?.push(spot);
  }
  return runs.filter((run) => run.length > 1);
}

/** Lines every tenth of a degree: open water reads as a chart, not as a hole. */
function graticule([south, west, north, east]: Region["outer"]): Spot[][] {
  const steps = (from: number, to: number) => Array.from({ length: Math.floor((to - from) * 10) + 1 }, (_, i) => Math.ceil(from * 10 + i) / 10);
  return [
    ...steps(south, north).map((lat): Spot[] => [[lat, west], [lat, east]]),
    ...steps(west, east).map((lng): Spot[] => [[south, lng], [north, lng]]),
  ];
}
