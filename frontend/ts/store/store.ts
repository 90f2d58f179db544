/** Entry of every store page: theme, menus, htmx, cart and drawer, checkout, one-time codes. */
import { startCart } from "../cart/start.js";
import { startCheckout } from "../checkout.js";
import { boot } from "../lib/boot.js";
import { startMorph } from "../morph.js";
import { startOtp } from "../otp.js";
import { startFilters } from "./filters.js";
import { startProduct } from "./product.js";

boot();
startMorph();
startCheckout();
startOtp();
startFilters();
startProduct();
startCart();
document.addEventListener("htmx:afterSwap", () => startOtp());
