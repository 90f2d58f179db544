/** Notices that nothing was heard for a while and then asks at a steady pace until something is heard again. */

export interface Clock {
  set(run: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export interface SilenceOptions {
  silenceMs: number;
  everyMs: number;
  /** Ask the server another way; the next question waits for the answer. */
  ask: () => Promise<void>;
  onChange: (silent: boolean) => void;
  clock?: Clock;
}

const REAL: Clock = { set: (run, ms) => setTimeout(run, ms), clear: (timer) => clearTimeout(timer as number) };

export class SilenceWatch {
  readonly #options: SilenceOptions;
  readonly #clock: Clock;
  #timer: unknown;
  #silent = false;
  #stopped = true;

  constructor(options: SilenceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? REAL;
  }

  get silent(): boolean {
    return this.#silent;
  }

  start(): void {
    this.#stopped = false;
    this.#wait(this.#options.silenceMs);
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clear(this.#timer);
  }

  /** Something came over the socket: silence ends, the count starts again. */
  heard(): void {
    if (this.#stopped) return;
    if (this.#silent) {
      this.#silent = false;
      this.#options.onChange(false);
    }
    this.#wait(this.#options.silenceMs);
  }

  /** The socket is known to be down: do not wait for the silence to grow. */
  lost(): void {
    if (!this.#stopped && !this.#silent) this.#wait(0);
  }

  #wait(ms: number): void {
    this.#clock.clear(this.#timer);
    this.#timer = this.#clock.set(() => void this.#poll(), ms);
  }

  async #poll(): Promise<void> {
    if (!this.#silent) {
      this.#silent = true;
      this.#options.onChange(true);
    }
    await this.#options.ask();
    if (!this.#stopped && this.#silent) this.#wait(this.#options.everyMs);
  }
}
