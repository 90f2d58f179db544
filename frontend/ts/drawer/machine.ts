/**
 * What the drawer is doing, as a value, and the one table of what may become of it. No browser here.
 *
 * It is closed, or it is at one spot: a panel with its key, in one of three phases, with the spots it came from.
 * Two panels at once, a closed drawer that loads, a product without a slug: none of them can be written down.
 */
export const PANELS = [
  "cart", "checkout", "product", "login", "signup", "account", "wallet", "orders", "order", "verify-email", "menu",
] as const;
export type PanelName = (typeof PANELS)[number];
export type State = "closed" | PanelName;

/** One panel: `key` is the slug of a product or the code of an order, `query` what its address carries besides. */
export interface Spot {
  readonly name: PanelName;
  readonly key: string;
  readonly query: string;
}

export type Phase = "loading" | "shown" | "failed";
export interface Open {
  readonly phase: Phase;
  readonly spot: Spot;
  /** Where Back goes, nearest last; when it is empty, Back closes. */
  readonly before: readonly Spot[];
}
export interface Closed {
  readonly phase: "closed";
}
export type Drawer = Closed | Open;

export type Signal =
  | { type: "open"; spot: Spot }
  | { type: "back" }
  | { type: "close" }
  /** What the browser's history says: after Back, Forward or a refresh. */
  | { type: "restore"; spot: Spot | null; before: readonly Spot[] }
  /** The answer for `for_` is here; the server may have sent it to another spot. */
  | { type: "arrived"; for_: Spot; spot: Spot }
  | { type: "failed"; for_: Spot }
  | { type: "retry" };

export const CLOSED: Closed = { phase: "closed" };

/** Panels that are nothing without a key, and those that may have one. */
const NEEDS_KEY: ReadonlySet<PanelName> = new Set<PanelName>(["product", "order"]);
const TAKES_KEY: ReadonlySet<PanelName> = new Set<PanelName>(["product", "order", "login"]);

/** The spot these name, or null when there is none such. */
export function spotOf(name: string, key = "", query = ""): Spot | null {
  const panel = PANELS.find((one) => one === name);
  if (!panel || (NEEDS_KEY.has(panel) && !key) || (key && !TAKES_KEY.has(panel))) return null;
  return { name: panel, key, query };
}

export function sameSpot(a: Spot, b: Spot): boolean {
  return a.name === b.name && a.key === b.key && a.query === b.query;
}

export function stateOf(drawer: Drawer): State {
  return drawer.phase === "closed" ? "closed" : drawer.spot.name;
}

type Of<T extends Signal["type"]> = Extract<Signal, { type: T }>;
type Row<D extends Drawer> = { [T in Signal["type"]]?: (drawer: D, signal: Of<T>) => Drawer };

const close = (): Drawer => CLOSED;
const restore = (_drawer: Drawer, { spot, before }: Of<"restore">): Drawer => (spot ? { phase: "loading", spot, before } : CLOSED);

/** Opening the spot one came from goes back to it; opening the one that stands there changes nothing. */
function open(drawer: Open, { spot }: Of<"open">): Drawer {
  const last = drawer.before.at(-1);
  if (sameSpot(spot, drawer.spot)) return drawer;
  if (last && sameSpot(spot, last)) return back(drawer);
  return { phase: "loading", spot, before: [...drawer.before, drawer.spot] };
}

function back(drawer: Open): Drawer {
  const spot = drawer.before.at(-1);
  return spot ? { phase: "loading", spot, before: drawer.before.slice(0, -1) } : CLOSED;
}

/** An answer to a question that is no longer asked is not shown. */
function arrive(drawer: Open, { for_, spot }: Of<"arrived">): Drawer {
  return sameSpot(for_, drawer.spot) ? { ...drawer, phase: "shown", spot } : drawer;
}

function fail(drawer: Open, { for_ }: Of<"failed">): Drawer {
  return sameSpot(for_, drawer.spot) ? { ...drawer, phase: "failed" } : drawer;
}

/** A signal that has no entry in its row does not exist in that phase and changes nothing. */
export const TRANSITIONS: { closed: Row<Closed>; loading: Row<Open>; shown: Row<Open>; failed: Row<Open> } = {
  closed: {
    open: (_drawer, { spot }) => ({ phase: "loading", spot, before: [] }),
    restore,
  },
  loading: { open, back, close, restore, arrived: arrive, failed: fail },
  // A form inside the panel may answer with the next panel.
  shown: { open, back, close, restore, arrived: arrive },
  failed: {
    open: (drawer, signal) => (sameSpot(signal.spot, drawer.spot) ? { ...drawer, phase: "loading" } : open(drawer, signal)),
    back, close, restore,
    retry: (drawer) => ({ ...drawer, phase: "loading" }),
  },
};

/** What becomes of the drawer: the same object when the signal has no meaning now. */
export function step(drawer: Drawer, signal: Signal): Drawer {
  const row = TRANSITIONS[drawer.phase] as Row<Drawer>;
  const move = row[signal.type] as ((drawer: Drawer, signal: Signal) => Drawer) | undefined;
  return move ? move(drawer, signal) : drawer;
}
