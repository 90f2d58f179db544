/** Entry that a search field loads when it is entered: a combobox over the catalogue, or over the server's answers. */
import { sendJson } from "../lib/http.js";
import { Combobox } from "./combobox.js";
import { type Answer, Goods, type Row } from "./goods.js";

/** Milliseconds without a key before a large catalogue is asked over the network. */
const PAUSE = 150;

type Find = (query: string, signal: AbortSignal) => Promise<Row[]>;

const known = new Map<string, Promise<Find>>();
const opened = new WeakSet<HTMLFormElement>();

export function open(form: HTMLFormElement): void {
  if (opened.has(form)) return;
  const field = form.querySelector("input");
  if (!field) return;
  opened.add(form);
  const box = new Combobox(form, field);
  let last = new AbortController();
  const look = async (): Promise<void> => {
    last.abort();
    last = new AbortController();
    const { signal } = last;
    const query = field.value.trim();
    if (!query) return box.close();
    const rows = await (await finder(form))(query, signal);
    if (!signal.aborted) box.show(query, rows);
  };
  // A search that fails is one without suggestions: Enter still leads to the page of results.
  const tryLook = (): void => void look().catch(() => box.close());
  field.addEventListener("input", tryLook);
  field.addEventListener("focus", tryLook);
  void finder(form);
  if (document.activeElement === field && field.value !== field.defaultValue) tryLook();
}

function finder(form: HTMLFormElement): Promise<Find> {
  const { index = "", ask = "" } = form.dataset;
  const coming = known.get(index) ?? load(index, ask);
  known.set(index, coming);
  coming.catch(() => known.delete(index));
  return coming;
}

async function load(index: string, ask: string): Promise<Find> {
  const answer = await sendJson<Answer>("GET", index);
  if (answer.large) return (query, signal) => askServer(ask, query, signal);
  const goods = new Goods(answer.goods);
  return (query) => Promise.resolve(goods.find(query));
}

async function askServer(url: string, query: string, signal: AbortSignal): Promise<Row[]> {
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  if (signal.aborted) return [];
  const { goods } = await sendJson<Answer>("GET", `${url}?${new URLSearchParams({ q: query })}`, undefined, signal);
  return goods;
}
