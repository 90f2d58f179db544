import assert from "node:assert/strict";
import { test } from "node:test";
import { type Paths, pageOf, readSpot, spotAt, withPanel, writeSpot } from "../ts/drawer/address.js";
import { CLOSED, type Drawer, type Open, PANELS, type Phase, type Signal, type Spot, sameSpot, spotOf, stateOf, step, TRANSITIONS } from "../ts/drawer/machine.js";

const KEYS: Partial<Record<string, string>> = { product: "vitamin-c", order: "MIA-20261121-AB2C" };
const spot = (name: string): Spot => spotOf(name, KEYS[name] ?? "") as Spot;
const at = (phase: Exclude<Phase, "closed">, name: string, ...before: string[]): Open => ({ phase, spot: spot(name), before: before.map(spot) });
const [CART, CHECKOUT] = [spot("cart"), spot("checkout")];
const run = (drawer: Drawer, ...signals: Signal[]) => signals.reduce(step, drawer);

test("each panel opens from the closed drawer and from each other panel, and the other is closed by it", () => {
  for (const to of PANELS) {
    assert.deepEqual(step(CLOSED, { type: "open", spot: spot(to) }), at("loading", to));
    for (const from of PANELS.filter((one) => one !== to)) {
      const drawer = step(at("shown", from), { type: "open", spot: spot(to) });
      assert.equal(stateOf(drawer), to);
      assert.deepEqual(drawer, at("loading", to, from));
    }
  }
});

test("Back goes to the state before, and then closes", () => {
  const deep = run(CLOSED, { type: "open", spot: CART }, { type: "open", spot: CHECKOUT }, { type: "open", spot: spot("login") });
  const states = [deep];
  for (let turn = 0; turn < 4; turn += 1) states.push(step(states.at(-1) as Drawer, { type: "back" }));
  assert.deepEqual(states.map(stateOf), ["login", "checkout", "cart", "closed", "closed"]);
});

test("every phase closes at once, however deep", () => {
  for (const phase of ["loading", "shown", "failed"] as const) {
    assert.deepEqual(step(at(phase, "order", "orders", "account"), { type: "close" }), CLOSED);
  }
});

test("opening what stands there changes nothing, opening where one came from goes back", () => {
  const drawer = at("shown", "checkout", "cart");
  assert.equal(step(drawer, { type: "open", spot: CHECKOUT }), drawer);
  assert.deepEqual(step(drawer, { type: "open", spot: CART }), at("loading", "cart"));
});

test("an answer is shown only while it is asked for", () => {
  const arrived = (for_: Spot, to = for_): Signal => ({ type: "arrived", for_, spot: to });
  assert.deepEqual(step(at("loading", "cart"), arrived(CART)), at("shown", "cart"));
  assert.deepEqual(step(at("loading", "checkout", "cart"), arrived(CART)), at("loading", "checkout", "cart"));
  assert.equal(step(CLOSED, arrived(CART)), CLOSED);
});

test("the server may send a panel elsewhere: orders of nobody are the sign-in", () => {
  const drawer = step(at("loading", "orders", "menu"), { type: "arrived", for_: spot("orders"), spot: spot("login") });
  assert.deepEqual(drawer, at("shown", "login", "menu"));
});

test("what failed can be tried again, and only then", () => {
  const failed = step(at("loading", "cart"), { type: "failed", for_: CART });
  assert.deepEqual(failed, at("failed", "cart"));
  assert.deepEqual(step(failed, { type: "retry" }), at("loading", "cart"));
  assert.deepEqual(step(failed, { type: "open", spot: CART }), at("loading", "cart"));
  for (const drawer of [CLOSED, at("loading", "cart"), at("shown", "cart")]) assert.equal(step(drawer, { type: "retry" }), drawer);
  assert.deepEqual(step(at("loading", "menu"), { type: "failed", for_: CART }), at("loading", "menu"));
});

test("history is believed in every phase", () => {
  const word: Signal = { type: "restore", spot: CHECKOUT, before: [CART] };
  for (const drawer of [CLOSED, at("loading", "menu"), at("shown", "menu"), at("failed", "menu")]) {
    assert.deepEqual(step(drawer, word), at("loading", "checkout", "cart"));
    assert.deepEqual(step(drawer, { type: "restore", spot: null, before: [] }), CLOSED);
  }
});

test("a signal without an entry in its row changes nothing", () => {
  const all: Signal[] = [
    { type: "back" }, { type: "close" }, { type: "retry" }, { type: "failed", for_: CART }, { type: "arrived", for_: CART, spot: CART },
  ];
  for (const signal of all) assert.equal(step(CLOSED, signal), CLOSED);
  assert.deepEqual(Object.keys(TRANSITIONS), ["closed", "loading", "shown", "failed"]);
});

test("a product without a slug, a cart with one, a panel nobody knows: none of them is a spot", () => {
  assert.equal(spotOf("product"), null);
  assert.equal(spotOf("order"), null);
  assert.equal(spotOf("cart", "x"), null);
  assert.equal(spotOf("admin"), null);
  assert.equal(spotOf("__proto__"), null);
});

const PATHS: Paths = {
  cart: "/cart", checkout: "/checkout", product: "/p/{key}", login: "/sign-in", "login.": "/sign-in/{key}",
  orders: "/account/orders", order: "/account/orders/{key}", account: "/account",
};
const HERE = "http://miami.localhost:8000/c/vitamins?sort=new#top";

test("every spot reads back from its name", () => {
  const some = [...PANELS.map(spot), spotOf("login", "code"), spotOf("orders", "", "before=12&x=a?b")];
  for (const one of some) assert.ok(sameSpot(readSpot(writeSpot(one as Spot)) as Spot, one as Spot));
  for (const wrong of [null, "", "nothing", "product", "cart.x", "?a=1", ".x"]) assert.equal(readSpot(wrong), null);
});

test("pages and spots find each other", () => {
  for (const page of ["/cart", "/p/vitamin-c", "/sign-in", "/sign-in/code", "/account/orders?before=12", "/account/orders/MIA-1", "/sign-in?next=%2Fcheckout"]) {
    assert.equal(pageOf(spotAt(page, HERE, PATHS) as Spot, PATHS), page);
  }
  for (const page of ["/", "/c/vitamins", "/p/", "/p/a/b", "http://elsewhere.test/cart", "/account/orders/MIA-1/cancel"]) {
    assert.equal(spotAt(page, HERE, PATHS), null);
  }
});

test("a panel stands in the page's own address and leaves it again", () => {
  const open = withPanel(HERE, spotOf("product", "vitamin-c"));
  assert.equal(open, "/c/vitamins?sort=new&panel=product.vitamin-c");
  assert.equal(withPanel(`http://miami.localhost:8000${open}`, CART), "/c/vitamins?sort=new&panel=cart");
  assert.equal(withPanel(`http://miami.localhost:8000${open}`, null), "/c/vitamins?sort=new");
  const query = withPanel("http://miami.localhost:8000/", spotOf("login", "", "next=/checkout"));
  assert.deepEqual(readSpot(new URL(query, HERE).searchParams.get("panel")), spotOf("login", "", "next=/checkout"));
});
