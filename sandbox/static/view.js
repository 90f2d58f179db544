// How messages look: plain functions from a message to DOM. Text is only ever set as text.

export const CHANNELS = { whatsapp: "WhatsApp", sms: "SMS", email: "E-mail", telegram: "Telegram", pushover: "Pushover" };
const LINK = /https?:\/\/[^\s<>"')\]]*[^\s<>"')\].,;:!?]/g;
const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "code", blockquote: "q", spoiler: "span" };

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child != null && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function link(url, words = url) {
  if (!/^(https?|tg):/i.test(url)) return document.createTextNode(words);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, words);
}

// Text with its addresses as links.
export function linked(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    parts.push(text.slice(from, found.index), link(found[0]));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return parts.filter((part) => part !== "");
}

// Telegram's entities: offsets count UTF-16 units, as JavaScript's do.
export function marked(text, entities = []) {
  const cuts = new Set([0, text.length]);
  for (const { offset, length } of entities) cuts.add(offset).add(Math.min(text.length, offset + length));
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(0, -1).map((start, number) => {
    const piece = text.slice(start, edges[number + 1]);
    const over = entities.filter((e) => e.offset <= start && start < e.offset + e.length);
    return over.reduceRight((inside, entity) => {
      if (entity.type === "text_link") return link(entity.url, piece);
      if (entity.type === "url") return link(piece);
      const tag = TAGS[entity.type];
      return tag ? el(tag, { class: `e-${entity.type}` }, inside) : inside;
    }, document.createTextNode(piece));
  });
}

export function clock(at, seconds = false) {
  const options = { hour: "numeric", minute: "2-digit", ...(seconds && { second: "2-digit" }) };
  const words = new Date(at).toLocaleTimeString("en-US", options);
  return seconds ? words.replace(/\s?[AP]M$/, "") : words;
}

export const phoneNumber = (text) => text.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "+1 $1 $2 $3");

export function recipient(message) {
  if (message.meta.person && message.meta.person !== "Person") return `${message.meta.person}, ${message.to}`;
  if (message.channel === "telegram" && message.title) return message.title;
  return phoneNumber(message.to);
}

export function headline(message) {
  const urgent = message.channel === "pushover" && message.meta.priority === 2 ? "P2 " : "";
  const mine = message.meta.incoming ? "You: " : "";
  return urgent + mine + (message.title && message.channel !== "telegram" ? `${message.title}, ` : "") + message.body;
}

// [words, tone]; tone is a class: "down", "warn" or "muted".
export function stateOf(message, now = Date.now()) {
  const { state, note, meta } = message;
  if (state === "ringing") {
    if (now / 1000 > meta.expires_at) return ["expired, nobody came", "down"];
    const rung = Math.max(0, Math.floor(now / 1000 - meta.sent_at));
    return [`ringing ${Math.floor(rung / 60)}:${String(rung % 60).padStart(2, "0")}`, "down"];
  }
  if (state === "undelivered" || state === "failed") return [note ? `${state}, ${note}` : state, "down"];
  if (note.startsWith("fell back")) return [note, "warn"];
  if (state === "acknowledged") return [`acknowledged ${note}`, "muted"];
  return [state, "muted"];
}

function stamp(message) {
  const [words, tone] = stateOf(message);
  const shown = ["queued", "sent", "accepted"].includes(message.state) && message.channel === "telegram" ? "" : words;
  return el("div", { class: "stamp" }, el("span", { class: tone, "data-state": message.id }, shown), ` ${clock(message.at)}`);
}

function place({ latitude, longitude }) {
  return el("div", { class: "place" }, el("i", { class: "pin" }), el("span", {}, `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`));
}

function keyboard(message, actions) {
  const rows = new Map();
  message.buttons.forEach((button, index) => {
    if (button.reply) return;
    const row = button.row ?? index;
    if (!rows.has(row)) rows.set(row, el("div", { class: "keyrow" }));
    const kind = button.url ? "opens a page" : button.web_app ? "opens a mini-app" : "";
    rows.get(row).append(el("button", { type: "button", class: "key", title: kind || null, onclick: (event) => actions.press(message, index, event.currentTarget) },
      button.text, (button.url || button.web_app) && el("span", { class: "out", "aria-hidden": "true" }, "↗")));
  });
  return rows.size ? el("div", { class: "keyboard" }, ...rows.values()) : null;
}

function pushCard(message, actions) {
  const ringing = message.state === "ringing" && Date.now() / 1000 <= message.meta.expires_at;
  return el("div", { class: `card-push${ringing ? " ringing" : ""}` },
    el("div", { class: "push-head" }, el("span", { class: "push-mark" }, icon("pushover")), el("b", {}, message.title || "Pushover"),
      el("span", { class: `tag ${message.meta.priority === 2 ? "tag-red" : "tag-stone"}` }, message.meta.priority === 2 ? "emergency" : message.meta.priority === 1 ? "high" : "push")),
    el("p", {}, ...linked(message.body)), stamp(message),
    message.buttons.length > 0 && el("div", { class: "push-keys" }, ...message.buttons.map((button) => button.action
      ? el("button", { type: "button", class: "btn btn-siren", onclick: () => actions.acknowledge(message) }, button.text)
      : el("a", { class: "btn", href: button.url, target: "_blank", rel: "noopener noreferrer" }, button.text))));
}

function letter(message) {
  const files = message.meta.files ?? [];
  return el("div", { class: "letter" },
    el("header", {}, el("b", {}, message.title), el("span", {}, `${message.sender} to ${message.to}`)),
    message.meta.html ? el("iframe", { src: `/mail/${message.id}`, title: message.title, loading: "lazy", sandbox: "allow-popups allow-popups-to-escape-sandbox" })
      : el("div", { class: "letter-text" }, ...linked(message.body)),
    files.length > 0 && el("div", { class: "files" }, ...files.map((name) => el("span", { class: "tag tag-stone" }, name))), stamp(message));
}

export function bubble(message, actions) {
  if (message.channel === "pushover") return pushCard(message, actions);
  if (message.channel === "email") return letter(message);
  const text = message.meta.entities ? marked(message.body, message.meta.entities) : linked(message.body);
  const gone = message.state === "deleted";
  const body = el("div", { class: `bubble${message.meta.incoming ? " mine" : ""}${gone ? " gone" : ""}` },
    message.channel === "telegram" && el("b", { class: "speaker" }, message.sender),
    message.meta.location && place(message.meta.location),
    el("div", { class: "text" }, ...text),
    message.channel !== "telegram" && message.buttons.map((b) => link(b.url, b.text))[0], stamp(message));
  const keys = message.channel === "telegram" && !gone ? keyboard(message, actions) : null;
  return el("div", { class: "turn" }, body, keys);
}
