/** Entry of every store page: theme, menus, htmx, cart and drawer, checkout, one-time codes. */
import { startCart } from "../cart/start.js";
import { startCheckout } from "../checkout.js";
import { startDrawer } from "../drawer/drawer.js";
import { boot } from "../lib/boot.js";
import { startMorph } from "../morph.js";
import { startOtp } from "../otp.js";
import { startChat } from "./chat.js";
import { startOffline } from "./offline.js";
import { startFilters } from "./filters.js";
import { startProduct } from "./product.js";
import { startSearch } from "./search.js";

boot();
startMorph();
startCheckout();
startOtp();
startFilters();
startProduct();
startSearch();
startCart();
startDrawer();
startOffline();
startChat();
document.addEventListener("htmx:afterSwap", () => startOtp());
document.addEventListener("panel:shown", ({ target }) => {
  startOtp(target as HTMLElement);
  startProduct(target as HTMLElement);
});
