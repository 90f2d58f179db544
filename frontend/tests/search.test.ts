import assert from "node:assert/strict";
import { test } from "node:test";
import { fold, Goods, type Row } from "../ts/search/goods.js";

const row = (name: string, more: Partial<{ subtitle: string; brand: string; tags: string; there: 0 | 1 }> = {}): Row =>
  [name, more.subtitle ?? "", more.brand ?? "Marea", more.tags ?? "", "$10.00", `/p/${fold(name)}`, "", 90, more.there ?? 1];

const goods = new Goods([
  row("Magnesium citrate", { tags: "Sleep Calm" }),
  row("Vitamin C 1000", { subtitle: "60 tablets" }),
  row("Vitamin D3 2000"),
  row("Ibuprofeno niños"),
  row("Витамин C", { tags: "Иммунитет" }),
  row("Сироп чёрной бузины"),
  row("Ibuprofen", { brand: "Northglass" }),
]);
const names = (query: string, most?: number): string[] => goods.find(query, most).map(([name]) => name);

test("folding makes one of what differs by accents and case", () => {
  assert.equal(fold("NIÑOS"), fold("ninos"));
  assert.equal(fold("Чёрный"), fold("черный"));
});

for (const [query, found] of [
  ["magnesium", ["Magnesium citrate"]],
  ["magnezium", ["Magnesium citrate"]],
  ["mag", ["Magnesium citrate"]],
  ["vitmain", ["Vitamin C 1000", "Vitamin D3 2000"]],
  ["vitamin d3", ["Vitamin D3 2000"]],
  ["sleep", ["Magnesium citrate"]],
  ["northglass ibup", ["Ibuprofen"]],
  ["ninos", ["Ibuprofeno niños"]],
  ["ветамин", ["Витамин C"]],
  ["витмин", ["Витамин C"]],
  ["черная", ["Сироп чёрной бузины"]],
  ["2000", ["Vitamin D3 2000"]],
  ["zzzz", []],
  ["  ", []],
] as [string, string[]][]) {
  test(`"${query}" finds ${found.join(", ") || "nothing"}`, () => assert.deepEqual(names(query).sort(), [...found].sort()));
}

test("what is called so comes before what is nearly called so", () => {
  assert.equal(names("ibuprofen")[0], "Ibuprofen");
});

test("between equals, what is there comes first, then what is asked for more", () => {
  const three = new Goods([row("Zinc A", { there: 0 }), row("Zinc B"), row("Zinc C")]);
  assert.deepEqual(three.find("zinc").map(([name]) => name), ["Zinc B", "Zinc C", "Zinc A"]);
});

test("no more are given than were asked for", () => assert.equal(names("vitamin", 1).length, 1));
