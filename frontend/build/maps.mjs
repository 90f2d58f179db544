/**
 * Base maps of the demo regions, a few tens of KB each, so that the map needs no tile server.
 * City geometry (frontend/maps/*.json) is simplified by hand, good to about 100 m; around it stands the coast
 * of the public atlases (US Census for Miami, Natural Earth for Jakarta), cut to the region at build time.
 * Coordinates are [lat, lng]; a box is [south, west, north, east].
 */
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { feature } from "topojson-client";
import { FRONTEND, MODULES, onePart } from "./paths.mjs";

const ATLAS = { us: ["us-atlas/nation-10m.json", "nation"], world: ["world-atlas/land-10m.json", "land"] };
/** Far land reaches this far under the city's own, so that no seam shows between them (degrees). */
const OVERLAP = 0.002;

export async function buildMaps() {
  const folder = path.join(FRONTEND, "maps");
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  return onePart(await Promise.all(names.map(async (name) => {
    const region = JSON.parse(await readFile(path.join(folder, name), "utf8"));
    region.far = await farLand(region);
    return [`maps/${name}`, JSON.stringify(region)];
  })));
}

async function farLand({ atlas, inner, outer }) {
  const [file, object] = ATLAS[atlas];
  const topology = JSON.parse(await readFile(path.join(MODULES, file), "utf8"));
  const shapes = feature(topology, topology.objects[object]);
  const geometries = (shapes.features ?? [shapes]).map((shape) => shape.geometry);
  const polygons = geometries.flatMap((one) => (one.type === "Polygon" ? [one.coordinates] : one.coordinates));
  const rings = polygons.map(([ring]) => ring.map(([lng, lat]) => [lat, lng]));
  return around(inner, outer).flatMap((box) => rings.map((ring) => clip(ring, box)).filter((ring) => ring.length > 3));
}

/** The frame between two boxes as four boxes. */
function around([south, west, north, east], [bottom, left, top, right]) {
  return [
    [north - OVERLAP, left, top, right], [bottom, left, south + OVERLAP, right],
    [south, left, north, west + OVERLAP], [south, east - OVERLAP, north, right],
  ];
}

/** Sutherland–Hodgman: the part of a ring inside a box. */
function clip(ring, [south, west, north, east]) {
  const edges = [[0, south, 1], [1, west, 1], [0, north, -1], [1, east, -1]];
  const inside = edges.reduce((points, [axis, bound, side]) => cut(points, axis, bound, side), ring);
  return thin(inside.map((point) => point.map((value) => Math.round(value * 1e4) / 1e4)));
}

function cut(points, axis, bound, side) {
  const isIn = (point) => (point[axis] - bound) * side >= 0;
  return points.flatMap((point, index) => {
    const before = points.at(index - 1);
    if (isIn(point) === isIn(before)) return isIn(point) ? [point] : [];
    const share = (bound - before[axis]) / (point[axis] - before[axis]);
    const crossing = before.map((value, at) => value + share * (point[at] - value));
    return isIn(point) ? [crossing, point] : [crossing];
  });
}

function thin(points) {
  return points.filter((point, index) => index === 0 || point[0] !== points[index - 1][0] || point[1] !== points[index - 1][1]);
}
