/** The siren of the page: two tones, a title that calls, and a clock that counts, until somebody acknowledges. */
import { all, fill, one, prefersReducedMotion } from "../lib/dom.js";

const EVERY_MS = 2000;
const TONES: [hertz: number, start: number, length: number][] = [[880, 0, 0.22], [660, 0.26, 0.22], [880, 0.52, 0.22]];
const LOUDNESS = 0.2;
const KEY = "theriac.board.muted";
/** With reduced motion the words change instead of the colours, this often. */
const TURN_S = 5;

export class Alarm {
  #context: AudioContext | null = null;
  #ringing = false;
  #lastTone = 0;
  #seconds = 0;
  readonly #title = document.title;
  readonly #call: string;

  constructor(call: string) {
    this.#call = call;
    const wake = () => void this.#wake();
    for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, wake, { passive: true });
    one("#sound")?.addEventListener("click", () => this.#toggle());
    one("#sound-off")?.addEventListener("click", () => this.#turnOn());
    setInterval(() => this.#tick(), 1000);
    this.#show();
  }

  /** Orders that nobody has acknowledged, as the page says now. */
  hear(): void {
    this.#ringing = Boolean(one("#siren")?.dataset["ringing"]);
    if (!this.#ringing) document.title = this.#title;
    else this.#sound();
  }

  get #muted(): boolean {
    return localStorage.getItem(KEY) === "1";
  }

  get #audible(): boolean {
    return !this.#muted && this.#context?.state === "running";
  }

  /** A browser lets a page sound only after somebody has touched it. */
  async #wake(): Promise<void> {
    if (this.#audible || this.#muted) return;
    this.#context ??= new AudioContext();
    await this.#context.resume();
    this.#show();
    this.#sound();
  }

  #turnOn(): void {
    localStorage.removeItem(KEY);
    void this.#wake();
  }

  #toggle(): void {
    if (this.#audible) localStorage.setItem(KEY, "1");
    else this.#turnOn();
    this.#show();
  }

  #show(): void {
    const button = one<HTMLButtonElement>("#sound");
    const offer = one("#sound-off");
    if (!button || !offer) return;
    const on = this.#audible;
    button.hidden = false;
    offer.hidden = on;
    for (const sign of all("[data-when]", button)) sign.hidden = (sign.dataset["when"] === "on") !== on;
    const name = button.dataset[on ? "on" : "off"] ?? "";
    button.title = name;
    const words = one("[data-name]", button);
    if (words) words.textContent = name;
  }

  #tick(): void {
    if (!this.#ringing) return;
    this.#seconds += 1;
    const still = prefersReducedMotion();
    const turned = still ? Math.floor(this.#seconds / TURN_S) % 2 === 1 : this.#seconds % 2 === 1;
    document.title = turned ? `● ${this.#call}` : this.#title;
    this.#count(still && turned);
    this.#sound();
  }

  /** The seconds since the order came, by the server's clock at the moment of rendering. */
  #count(turned: boolean): void {
    const bar = one("#siren [data-since]");
    const words = bar ? one("[data-ringing-for]", bar) : null;
    if (!bar || !words) return;
    const began = Number(bar.dataset["shownAt"] ??= String(Date.now()));
    const before = Date.parse(bar.dataset["now"] ?? "") - Date.parse(bar.dataset["since"] ?? "");
    const seconds = Math.max(0, Math.floor((before + Date.now() - began) / 1000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    words.textContent = turned ? words.dataset["turn"] ?? "" : fill(words.dataset["plain"] ?? "", { time });
  }

  #sound(): void {
    const context = this.#context;
    if (!context || !this.#ringing || !this.#audible || performance.now() - this.#lastTone < EVERY_MS) return;
    this.#lastTone = performance.now();
    for (const [hertz, start, length] of TONES) {
      const at = context.currentTime + start;
      const tone = new OscillatorNode(context, { type: "triangle", frequency: hertz });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
      gain.gain.linearRampToValueAtTime(0, at + length);
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + length);
    }
  }
}
