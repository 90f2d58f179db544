/** Entry of the tracking page: the map of `#track-map`; positions are wired by the page's own module. */
import { one } from "../lib/dom.js";
import { createMap } from "../map/create.js";

const place = one("#track-map");
if (place) void createMap(place);
