/** Which numbered messages were seen: the server resumes after `last`, a message from the past is dropped. */

export type Verdict = "apply" | "duplicate" | "gap";

export class SeqCursor {
  #last: number;

  constructor(last = 0) {
    this.#last = last;
  }

  /** The highest sequence number applied; sent as `last_seq` on every (re)connection. */
  get last(): number {
    return this.#last;
  }

  /**
   * Judge one message. "gap": some numbers between are missing (the message still counts as applied, since a
   * position or a board change stands for itself; the caller asks for a snapshot). No number: always "apply".
   */
  judge(seq: unknown): Verdict {
    if (typeof seq !== "number" || !Number.isFinite(seq)) return "apply";
    if (seq <= this.#last) return "duplicate";
    const missed = this.#last > 0 && seq > this.#last + 1;
    this.#last = seq;
    return missed ? "gap" : "apply";
  }

  /** A snapshot (page, polling answer) already contains everything up to `seq`. */
  advanceTo(seq: unknown): void {
    if (typeof seq === "number" && seq > this.#last) this.#last = seq;
  }
}
