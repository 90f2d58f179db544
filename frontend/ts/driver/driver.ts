/** Entry of the driver's phone: theme, menus, htmx and the map of `#driver-map`. */
import { boot } from "../lib/boot.js";
import { one } from "../lib/dom.js";
import { createMap } from "../map/create.js";

boot();
const place = one("#driver-map");
if (place) void createMap(place);
