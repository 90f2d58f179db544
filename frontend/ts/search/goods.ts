/** The catalogue in the browser: folded words, typos forgiven, the best few in a millisecond or two. */
import MiniSearch from "minisearch";

/** name, subtitle, brand, words of its tags, price, address, picture, hue, whether any is there: as the server says. */
export type Row = [string, string, string, string, string, string, string, number, 0 | 1];

export interface Answer { goods: Row[]; large?: boolean; instead?: string }

export const SHOWN = 7;
const MARKS = /\p{M}+/gu;

/** Small letters without accents: "Niño" and "nino", "чёрный" and "черный" are one. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(MARKS, "").toLowerCase();
}

interface Doc { id: number; name: string; subtitle: string; brand: string; tags: string }

export class Goods {
  private readonly index = new MiniSearch<Doc>({
    fields: ["name", "brand", "tags", "subtitle"],
    processTerm: (term) => fold(term) || null,
    searchOptions: {
      combineWith: "AND",
      prefix: true,
      // One slip in four or five letters, two in longer words, as on the server; numbers are meant as they stand.
      fuzzy: (term) => (term.length < 4 || /^\d+$/.test(term) ? 0 : term.length < 6 ? 1 : 2),
      boost: { name: 4, brand: 2, tags: 2 },
      weights: { fuzzy: 0.3, prefix: 0.6 },
      // Rows come by how often they are asked for: between equals the earlier wins.
      boostDocument: (id) => 1 + 0.3 / (1 + Number(id) / 50) + (this.rows[Number(id)]?.[8] ? 0.1 : 0),
    },
  });

  constructor(private readonly rows: Row[]) {
    this.index.addAll(rows.map(([name, subtitle, brand, tags], id) => ({ id, name, subtitle, brand, tags })));
  }

  find(query: string, most = SHOWN): Row[] {
    const words = query.trim();
    if (!words) return [];
    return this.index.search(words).slice(0, most).map(({ id }) => this.rows[id as number]).filter((row) => row !== undefined);
  }
}
