/** The base map file of one region, as `npm run build` writes it. Coordinates are [lat, lng]. */

export type Spot = [number, number];

export interface Region {
  name: string;
  center: Spot;
  zoom: number;
  /** Whether people here think in feet and miles. */
  imperial: boolean;
  /** [south, west, north, east] of the part drawn in detail. */
  inner: [number, number, number, number];
  outer: [number, number, number, number];
  far: Spot[][];
  land: Spot[][];
  parks: Spot[][];
  rivers: Spot[][];
  highways: Spot[][];
  roads: Spot[][];
  minor: Spot[][];
  /** n: neighbourhood, r: road, w: water; f: town and o: ocean, shown only from far. */
  labels: { k: "n" | "r" | "w" | "f" | "o"; t: string; at: Spot }[];
}

export async function loadRegion(url: string): Promise<Region> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`base map: HTTP ${response.status}`);
  return (await response.json()) as Region;
}
