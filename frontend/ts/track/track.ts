/** The tracking page: the pin on the map, the time of arrival, and the sheet when the order changes. */
import { fill, one, pageData } from "../lib/dom.js";
import { type LiveStatus, openLive } from "../live/socket.js";
import { clockTime, length } from "../live/words.js";
import { createMap, type TheriacMap } from "../map/create.js";
import { cutWay, roadMetres } from "../map/path.js";
import { type DriverPin, placeDriver, placePin, spriteIcon } from "../map/pins.js";
import type { Spot } from "../map/region.js";
import { type PositionMessage, type StateMessage, Trail, type TrackData } from "./state.js";

/** The words said aloud change by this many minutes at least. */
const SAY_STEP = 2;
/** Nearer than this a length says nothing. */
const NEAR_M = 30;
/** A quiet order (not on the road) is heard by the server's 25 s ping. */
const QUIET_MS = 30_000;
const MOVING_MS = 15_000;

class TrackPage {
  #driver: DriverPin | null = null;
  #eventSeq: number;
  #status: LiveStatus = "connecting";
  #heardAt = 0;
  #said = 0;
  #state: string;
  readonly #trail: Trail;

  constructor(private readonly data: TrackData, private readonly map: TheriacMap, private readonly place: HTMLElement) {
    this.#eventSeq = data.eventSeq;
    this.#state = data.status;
    this.#trail = new Trail(data.at, (message) => this.#move(message));
    this.#drawPlaces();
    if (data.position) this.#drive(data.position);
    this.#frame();
  }

  follow(): void {
    const { data } = this;
    const live = openLive({
      namespace: "/tracking",
      auth: () => ({}),
      numbered: ["position"],
      skipping: true,
      pollUrl: data.events,
      silenceMs: data.status === "PICKED_UP" ? MOVING_MS : QUIET_MS,
      on: {
        position: (message: PositionMessage) => this.#trail.take(message),
        order: (message: { seq: number }) => this.#changed(message.seq),
      },
      onSnapshot: (state: StateMessage) => this.#adopt(state),
      onStatus: (status) => this.#sayStatus(status),
    });
    const join = () => {
      this.#trail.hold();
      live.send<StateMessage>("join", { order: data.order, token: data.token, last_seq: live.lastSeq })
        .then((state) => this.#adopt(state))
        .catch(() => this.#trail.release([]));
    };
    live.socket.on("connect", join);
    if (live.socket.connected) join();
    setInterval(() => this.#sayAge(), 1000);
  }

  #drawPlaces(): void {
    const { sprite = "", nameBranch = "", nameDoor = "" } = this.place.dataset;
    placePin(this.map.leaflet, this.data.branch, spriteIcon(sprite, "store"), "", nameBranch);
    if (this.data.door) placePin(this.map.leaflet, this.data.door, spriteIcon(sprite, "home"), "amber", nameDoor);
    if (this.data.live) this.map.setRoute(this.data.path);
  }

  #frame(): void {
    const wide = innerWidth >= 1024;
    const spots = [this.data.branch, this.data.door, this.data.position].filter((spot): spot is Spot => spot !== null);
    this.map.fit(spots, wide ? [110, 90, 90, 90] : [110, 56, 64, 56]);
  }

  #drive(at: Spot): void {
    const { sprite = "", nameDriver = "" } = this.place.dataset;
    if (this.#driver) this.#driver.moveTo(at);
    else this.#driver = placeDriver(this.map.leaflet, at, spriteIcon(sprite, "bike"), { title: nameDriver });
    if (this.data.door) {
      const { done, ahead } = cutWay(this.data.path, at);
      this.map.setRoute(ahead, done);
    }
  }

  #move(message: PositionMessage): void {
    this.#heardAt = Date.now();
    this.#drive([message.lat, message.lng]);
    this.#sayAge();
    // The hint of the change may have been lost; the position says in which state it was sent.
    if (message.status && message.status !== this.#state) {
      this.#state = message.status;
      void this.#readSheet();
    } else this.#expect(message.arrives_at, message.eta_minutes, [message.lat, message.lng]);
  }

  #expect(arrivesAt: string | null, minutes: number | null, at: Spot): void {
    const sheet = one("[data-sheet]");
    if (!sheet || !arrivesAt || minutes === null) return;
    write("[data-lead]", sheet.dataset["arriving"] ?? "");
    write("[data-arrives]", clockTime(arrivesAt, this.data));
    const left = fill(sheet.dataset["minutes"] ?? "", { minutes });
    const metres = this.data.door ? roadMetres(at, this.data.door) : 0;
    const far = metres > NEAR_M ? `, ${length(metres, this.data)}` : "";
    write("[data-left]", `${left}${far}`);
    if (Math.abs(minutes - this.#said) >= SAY_STEP) {
      this.#said = minutes;
      write("[data-say]", fill(sheet.dataset["away"] ?? "", { minutes }));
    }
  }

  #adopt(state: StateMessage): void {
    this.#trail.release(state.missed ?? []);
    if (state.event_seq > this.#eventSeq) this.#changed(state.event_seq);
    else if (state.position && state.at) {
      this.#trail.take({ seq: state.seq, ...state.position, at: state.at, eta_minutes: state.eta_minutes, arrives_at: state.arrives_at, delayed: state.delayed, status: state.status });
    }
  }

  #changed(eventSeq: number): void {
    if (eventSeq <= this.#eventSeq) return;
    this.#eventSeq = eventSeq;
    void this.#readSheet();
  }

  /** Words come from the server; the sheet says what the order has become. */
  async #readSheet(): Promise<void> {
    const sheet = one("[data-sheet]");
    const answer = await fetch(this.data.sheet, { credentials: "same-origin" });
    if (!sheet || !answer.ok) return;
    sheet.innerHTML = await answer.text();
    if (!one(".st-PICKED_UP", sheet)) {
      this.#driver?.remove();
      this.#driver = null;
      this.map.setRoute(one(".track-bar .todo", sheet) ? this.data.path : []);
    }
  }

  #sayStatus(status: LiveStatus): void {
    this.#status = status;
    this.#sayAge();
  }

  #sayAge(): void {
    const pill = one("[data-live]");
    if (!pill || pill.hidden) return;
    pill.dataset["state"] = this.#status;
    const { now = "", ago = "", polling = "", offline = "", connecting = "" } = pill.dataset;
    const seconds = Math.round((Date.now() - this.#heardAt) / 1000);
    const live = this.#heardAt && seconds < 120 ? fill(ago, { seconds }) : now;
    write("[data-live-text]", { live, polling, offline, connecting }[this.#status]);
  }
}

function write(selector: string, text: string): void {
  const element = one(selector);
  if (element && element.textContent !== text) element.textContent = text;
}

const place = one("#track-map");
const data = pageData<TrackData>("track-data");
if (place && data) {
  void createMap(place, data.door ? { center: data.door } : {}).then((map) => {
    const page = new TrackPage(data, map, place);
    if (data.live) page.follow();
  });
}
