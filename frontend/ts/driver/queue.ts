/**
 * What the phone has to tell, in the order it happened, kept until the server has said it has it. Positions go in
 * batches, taps one by one with a key, so that sending again has no second effect.
 */

export interface FixItem {
  kind: "fix";
  seq: number;
  lat: number;
  lng: number;
  at: string;
}

export interface TapItem {
  kind: "tap";
  key: string;
  url: string;
  body: string;
  code: string;
  step: string;
  at: string;
}

export type Item = FixItem | TapItem;

export interface Store {
  load(): Promise<Item[]>;
  save(items: Item[]): Promise<void>;
}

/** What became of sending. "again": no answer, keep it; "done": the server has dealt with it, one way or the other. */
export type Outcome = "done" | "again";

export interface Senders {
  /** Numbers the server has, or will never take. Throws when there is no answer. */
  fixes(items: FixItem[]): Promise<number[]>;
  tap(item: TapItem): Promise<Outcome>;
}

const BATCH = 100;
/** Without signal for hours: the oldest positions give way, taps never do. */
const MOST_FIXES = 4000;

export class Queue {
  #items: Item[] = [];
  #running: Promise<void> | null = null;
  #failing = false;
  #lastSeq = 0;

  constructor(private readonly store: Store, private readonly senders: Senders, private readonly onChange: () => void) {}

  async open(lastSeq: number): Promise<void> {
    this.#items = await this.store.load();
    const kept = this.#items.map((item) => (item.kind === "fix" ? item.seq : 0));
    this.#lastSeq = Math.max(lastSeq, this.#lastSeq, ...kept);
    this.onChange();
  }

  get waiting(): number {
    return this.#items.length;
  }

  get failing(): boolean {
    return this.#failing;
  }

  taps(): TapItem[] {
    return this.#items.filter((item): item is TapItem => item.kind === "tap");
  }

  /** Numbers are times, so they grow over reloads and reinstalls as well. */
  async addFix(lat: number, lng: number, at: Date): Promise<void> {
    this.#lastSeq = Math.max(this.#lastSeq + 1, at.getTime());
    await this.#add({ kind: "fix", seq: this.#lastSeq, lat, lng, at: at.toISOString() });
  }

  /** A tap whose key waits already is the same tap. */
  async addTap(tap: Omit<TapItem, "kind">): Promise<void> {
    if (this.taps().some((item) => item.key === tap.key)) return;
    await this.#add({ kind: "tap", ...tap });
  }

  async #add(item: Item): Promise<void> {
    this.#items.push(item);
    const fixes = this.#items.filter((one) => one.kind === "fix").length;
    if (fixes > MOST_FIXES) this.#items.splice(this.#items.findIndex((one) => one.kind === "fix"), 1);
    await this.#keep();
    void this.flush();
  }

  /** Send from the front until it is empty or nobody answers. One run at a time; a call in between joins it. */
  flush(): Promise<void> {
    this.#running ??= this.#run().finally(() => { this.#running = null; });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#items.length > 0) {
      const sent = await this.#sendFront().catch(() => false);
      this.#failing = !sent;
      if (!sent) break;
      await this.#keep();
    }
    this.onChange();
  }

  async #sendFront(): Promise<boolean> {
    const [front] = this.#items;
    if (front?.kind === "tap") {
      if ((await this.senders.tap(front)) === "again") return false;
      this.#items = this.#items.filter((item) => item !== front);
      return true;
    }
    const end = this.#items.findIndex((item) => item.kind === "tap");
    const run = this.#items.slice(0, end < 0 ? BATCH : Math.min(end, BATCH)) as FixItem[];
    const answered = new Set(await this.senders.fixes(run));
    const before = this.#items.length;
    this.#items = this.#items.filter((item) => item.kind !== "fix" || !answered.has(item.seq));
    return this.#items.length < before;
  }

  async #keep(): Promise<void> {
    await this.store.save(this.#items);
    this.onChange();
  }
}
