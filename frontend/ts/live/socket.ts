/**
 * A live channel that survives cuts: Socket.IO over websocket only, resumed from the last sequence number, and a
 * plain GET as the way round when nothing is heard. Messages carry `seq`; one seen before is dropped.
 */
import { io, type Socket } from "socket.io-client";
import { sendJson } from "../lib/http.js";
import { SeqCursor } from "./cursor.js";
import { SilenceWatch } from "./silence.js";

export type LiveStatus = "connecting" | "live" | "polling" | "offline";

export interface LiveOptions {
  /** "/tracking", "/driver", "/dispatch". */
  namespace: string;
  /** What the server needs to let us in; `last_seq` is added on every connection. */
  auth: () => Record<string, unknown>;
  /** Handler of each event by name. */
  on: Record<string, (data: never) => void>;
  /** Sequence number the page was rendered with. */
  lastSeq?: number;
  /** Answers the same facts as the messages, as JSON with `seq`; asked with `?after=<seq>`. */
  pollUrl?: string;
  onSnapshot?: (data: never) => void;
  onStatus?: (status: LiveStatus) => void;
  /** Default 15 s. A channel that is naturally quiet sets it above the server's 25 s ping, which counts as heard. */
  silenceMs?: number;
  /** Default 10 s. */
  pollMs?: number;
  /** Events whose `seq` counts on this channel; default all. The number of another event is its sender's affair. */
  numbered?: string[];
  /** Numbers grow but skip (times, for one): a jump is no gap. */
  skipping?: boolean;
}

export interface Live {
  socket: Socket;
  /** Send with an acknowledgement; rejects when none comes in 5 s. */
  send<T>(event: string, data: unknown): Promise<T>;
  readonly lastSeq: number;
  close(): void;
}

const ACK_MS = 5000;

export function openLive(options: LiveOptions): Live {
  const cursor = new SeqCursor(options.lastSeq);
  let status: LiveStatus = "connecting";
  const socket = io(options.namespace, {
    transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 5000, randomizationFactor: 0.5,
    auth: (give) => give({ ...options.auth(), last_seq: cursor.last }),
  });
  const watch = new SilenceWatch({
    silenceMs: options.silenceMs ?? 15_000, everyMs: options.pollMs ?? 10_000, ask: poll,
    onChange: (silent) => say(silent ? "polling" : "live"),
  });

  function say(next: LiveStatus): void {
    if (next === status) return;
    status = next;
    options.onStatus?.(next);
  }

  async function poll(): Promise<void> {
    if (!options.pollUrl) return;
    try {
      const joint = options.pollUrl.includes("?") ? "&" : "?";
      const data = await sendJson<{ seq?: number }>("GET", `${options.pollUrl}${joint}after=${cursor.last}`);
      cursor.advanceTo(data.seq);
      options.onSnapshot?.(data as never);
      if (watch.silent) say("polling");
    } catch {
      say("offline");
    }
  }

  for (const [event, handler] of Object.entries(options.on)) {
    socket.on(event, (data: { seq?: unknown } | undefined) => {
      watch.heard();
      say("live");
      const counts = !options.numbered || options.numbered.includes(event);
      const verdict = cursor.judge(counts ? data?.seq : undefined);
      if (verdict !== "duplicate") handler(data as never);
      if (verdict === "gap" && !options.skipping) void poll();
    });
  }
  socket.on("connect", () => {
    watch.heard();
    say("live");
  });
  socket.on("disconnect", () => watch.lost());
  socket.on("connect_error", () => watch.lost());
  socket.io.on("ping", () => watch.heard());
  addEventListener("online", () => socket.connect());
  watch.start();

  return {
    socket,
    send: <T>(event: string, data: unknown) => socket.timeout(ACK_MS).emitWithAck(event, data) as Promise<T>,
    get lastSeq() { return cursor.last; },
    close() {
      watch.stop();
      socket.close();
    },
  };
}
