/** Entry of the dispatch board and the staff portals: theme, menus, htmx and the map of `#board-map`. */
import { startCheckout } from "../checkout.js";
import { boot } from "../lib/boot.js";
import { one } from "../lib/dom.js";
import { createMap } from "../map/create.js";

boot();
startCheckout();
const place = one("#board-map");
if (place) void createMap(place);
