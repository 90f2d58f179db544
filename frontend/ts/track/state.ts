/** Messages and page data of the tracking page, and which of the messages move the pin. */
import type { Place } from "../live/words.js";
import type { Spot } from "../map/region.js";

export interface TrackData extends Place {
  order: string;
  token: string;
  status: string;
  eventSeq: number;
  live: boolean;
  branch: Spot;
  door: Spot | null;
  path: Spot[];
  position: Spot | null;
  at: string | null;
  events: string;
  sheet: string;
}

export interface PositionMessage {
  seq: number;
  lat: number;
  lng: number;
  at: string;
  eta_minutes: number | null;
  arrives_at: string | null;
  delayed: boolean;
  status: string;
}

/** The answer to a join and to a poll. */
export interface StateMessage {
  status: string;
  event_seq: number;
  seq: number;
  position: { lat: number; lng: number } | null;
  at: string | null;
  eta_minutes: number | null;
  arrives_at: string | null;
  delayed: boolean;
  missed: PositionMessage[];
}

/**
 * Positions in the order of the way, each once. While a join is under way they wait, so that what was missed comes
 * before what is new.
 */
export class Trail {
  #lastAt: number;
  #waiting: PositionMessage[] | null = [];

  constructor(at: string | null, private readonly apply: (message: PositionMessage) => void) {
    this.#lastAt = at ? Date.parse(at) : 0;
  }

  hold(): void {
    this.#waiting ??= [];
  }

  take(message: PositionMessage): void {
    if (this.#waiting) this.#waiting.push(message);
    else this.#pass(message);
  }

  /** The join was answered: what was missed, then what waited. */
  release(missed: PositionMessage[]): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    [...missed, ...waiting].forEach((message) => this.#pass(message));
  }

  #pass(message: PositionMessage): void {
    const at = Date.parse(message.at);
    if (!(at > this.#lastAt)) return;
    this.#lastAt = at;
    this.apply(message);
  }
}
