/** Entry of the dispatch board and the staff portals: theme, menus, htmx, and the live board where there is one. */
import { startCheckout } from "../checkout.js";
import { boot } from "../lib/boot.js";
import { one } from "../lib/dom.js";
import { createMap } from "../map/create.js";
import { startBoard } from "./live-board.js";

boot();
startCheckout();
const board = one("[data-board]");
const place = one("#board-map");
if (board) startBoard(board);
else if (place) void createMap(place);
