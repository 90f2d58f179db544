/** The map of zones: outlines of all of them, and the one that is edited drawn by hand into the form's field. */
import L from "leaflet";
import "@geoman-io/leaflet-geoman-free";
import { all, one, pageData } from "../lib/dom.js";
import { label } from "../map/base.js";
import { createMap } from "../map/create.js";
import { placePin, spriteIcon } from "../map/pins.js";
import type { Spot } from "../map/region.js";

type Outline = GeoJSON.Polygon | GeoJSON.MultiPolygon;

interface Shown {
  zones: { id: number; name: string; own: boolean; polygon: Outline | null; zips: { zip: string; at: Spot }[] }[];
  places: { name: string; at: Spot }[];
}

class ZoneMap {
  readonly #field = one<HTMLTextAreaElement>("[data-outline]");
  #own: L.Polygon | null = null;
  #editing = false;

  constructor(private readonly map: L.Map, private readonly shown: Shown) {
    for (const zone of shown.zones) this.#draw(zone);
    if (!this.#field) return;
    map.pm.setGlobalOptions({ allowSelfIntersection: false, tooltips: false, snappable: true });
    map.pm.setPathOptions({ className: "m-zone on" });
    map.on("pm:create", ({ layer }) => this.#adopt(layer as L.Polygon));
    this.#field.addEventListener("change", () => this.#read());
    this.#read();
    this.#tools();
  }

  /** Every outline and ZIP, so that the whole area is in sight. */
  spots(): L.LatLng[] {
    const own = this.#own?.getBounds();
    if (own?.isValid()) return [own.getNorthEast(), own.getSouthWest()];
    return this.shown.zones.filter((zone) => zone.own || !this.#field)
      .flatMap((zone) => zone.zips.map(({ at }) => L.latLng(at)));
  }

  #draw(zone: Shown["zones"][number]): void {
    for (const { zip, at } of zone.zips) if (zone.own || !this.#field) label(this.map, at, zip, "z");
    if (zone.own || !zone.polygon) return;
    const outline = L.geoJSON(zone.polygon, { interactive: false, pmIgnore: true, style: { className: "m-zone", weight: 1.5 } }).addTo(this.map);
    label(this.map, spot(outline.getBounds().getCenter()), zone.name, "n");
  }

  /** What stands in the field; what is no outline is left to the server to name. */
  #read(): void {
    this.#own?.remove();
    this.#own = null;
    const outline = parse(this.#field?.value ?? "");
    if (!outline) return;
    const layer = L.geoJSON(outline).getLayers()[0];
    if (layer instanceof L.Polygon) this.#take(layer);
  }

  #adopt(layer: L.Polygon): void {
    this.#own?.remove();
    this.#take(layer);
    this.#write();
    this.#edit(true);
  }

  #take(layer: L.Polygon): void {
    layer.setStyle({ weight: 2.5 }).addTo(this.map);
    layer.getElement()?.classList.add("m-zone", "on");
    layer.on("pm:edit", () => this.#write());
    layer.on("pm:enable pm:vertexadded pm:vertexremoved pm:markerdragend", () => this.#hideCorners());
    this.#own = layer;
    if (this.#editing) this.#edit(true);
  }

  #write(): void {
    if (this.#field) this.#field.value = this.#own ? JSON.stringify(this.#own.toGeoJSON(6).geometry) : "";
  }

  #edit(on: boolean): void {
    this.#editing = on;
    if (on) this.#own?.pm.enable({ allowSelfIntersection: false });
    else this.#own?.pm.disable();
    one("[data-map-edit]")?.setAttribute("aria-pressed", String(on));
  }

  /** Corners are for a hand alone: nameless buttons in the order of Tab would help nobody, the form says the same. */
  #hideCorners(): void {
    for (const corner of all(".marker-icon", this.map.getContainer())) {
      corner.removeAttribute("role");
      corner.tabIndex = -1;
    }
  }

  #tools(): void {
    const tools = one("[data-map-tools]");
    if (tools) tools.hidden = false;
    one("[data-map-draw]")?.addEventListener("click", () => {
      this.#edit(false);
      this.map.pm.enableDraw("Polygon");
    });
    one("[data-map-edit]")?.addEventListener("click", () => this.#edit(!this.#editing));
    one("[data-map-drop]")?.addEventListener("click", () => {
      this.map.pm.disableDraw();
      this.#edit(false);
      this.#own?.remove();
      this.#own = null;
      this.#write();
    });
  }
}

function spot({ lat, lng }: L.LatLng): Spot {
  return [lat, lng];
}

function parse(text: string): Outline | null {
  try {
    const found = JSON.parse(text) as { type?: string; geometry?: Outline } | null;
    const outline = found?.type === "Feature" ? found.geometry : (found as Outline | null);
    return outline && ["Polygon", "MultiPolygon"].includes(outline.type) ? outline : null;
  } catch {
    return null; // half-typed JSON is no outline yet
  }
}

async function start(): Promise<void> {
  const element = one("[data-zone-map]");
  const shown = pageData<Shown>("zone-map");
  if (!element || !shown) return;
  const { leaflet } = await createMap(element);
  for (const place of shown.places) placePin(leaflet, place.at, spriteIcon(element.dataset["sprite"] ?? "", "store"), "", place.name);
  const spots = new ZoneMap(leaflet, shown).spots();
  if (spots.length > 0) leaflet.fitBounds(L.latLngBounds(spots), { padding: [48, 48], maxZoom: 14 });
}

void start();
