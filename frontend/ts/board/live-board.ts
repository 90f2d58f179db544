/** The live board: hints over the socket, the board's parts by htmx, pins by themselves. */
import { one } from "../lib/dom.js";
import { type LiveStatus, openLive } from "../live/socket.js";
import { createMap } from "../map/create.js";
import type { Spot } from "../map/region.js";
import { Alarm } from "./alarm.js";
import { markCurrent, startDrawer } from "./drawer.js";
import { startKeys } from "./keys.js";
import { BoardPins } from "./pins.js";
import { Refresher } from "./refresh.js";

const POLL_MS = 10_000;
/** Above the server's 25 s ping, which counts as heard. */
const SILENCE_MS = 30_000;

export function startBoard(board: HTMLElement): void {
  let pins: BoardPins | null = null;
  const alarm = new Alarm(board.dataset["ring"] ?? "");
  const refresher = new Refresher(board.dataset["url"] ?? "", () => {
    alarm.hear();
    markCurrent();
    pins?.show();
  });
  startDrawer();
  startKeys();
  alarm.hear();
  const place = one("#board-map");
  if (place) {
    void createMap(place).then((map) => {
      pins = new BoardPins(map, place.dataset["sprite"] ?? "");
      pins.show();
    });
  }
  connect(refresher, (id, at) => {
    if (pins?.has(id)) pins.move(id, at);
    else refresher.ask();
  });
}

interface Moved {
  driver_id: number;
  lat: number;
  lng: number;
}

function connect(refresher: Refresher, move: (id: number, at: Spot) => void): void {
  let polling: ReturnType<typeof setInterval> | undefined;
  const poll = async () => say((await refresher.now()) ? "polling" : "offline");

  function onStatus(status: LiveStatus): void {
    clearInterval(polling);
    say(status);
    if (status === "live") {
      refresher.ask();
      return;
    }
    void poll();
    polling = setInterval(() => void poll(), POLL_MS);
  }

  say("connecting");
  const hint = () => refresher.ask();
  const live = openLive({
    namespace: "/dispatch", auth: () => ({}), silenceMs: SILENCE_MS, pollMs: POLL_MS, onStatus,
    on: { shift: hint, driver: (data: Moved) => move(data.driver_id, [data.lat, data.lng]) },
  });
  // Beside `on`: the numbers of these hints count per order, and a channel would take another order's for a repeat.
  live.socket.on("order", hint);
}

function say(status: LiveStatus): void {
  const line = one("#live");
  if (!line || line.dataset["state"] === status) return;
  line.dataset["state"] = status;
  line.textContent = line.dataset[status] ?? "";
}
