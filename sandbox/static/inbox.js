// The page: polls the feed, keeps list and phones in step with it, and presses what people press.
import { CHANNELS, bubble, clock, el, headline, icon, phoneNumber, recipient, stateOf } from "./view.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const POLL_MS = 1200, PHONES_MOST = 24, TURNS_MOST = 40;
const feed = { rev: "", messages: [], counts: {}, bots: [], chaos: {} };
const view = { channel: "", q: "", selected: null, conversation: "", paused: false, mode: "list" };
const phones = new Map();

async function call(method, url, body) {
  const answer = await fetch(url, { method, headers: body ? { "Content-Type": "application/json" } : {}, body: body && JSON.stringify(body) });
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (!answer.ok && answer.status !== 304) throw new Error(said.error || `The sandbox answered ${answer.status}`);
  return said;
}

function toast(words) {
  const box = $("#toast");
  box.textContent = words;
  box.hidden = !words;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { box.hidden = true; }, 3500);
}

const attempt = (work) => async (...given) => {
  try { return await work(...given); } catch (error) { toast(error.message); return null; }
};

// ---- the feed
async function refresh(force = false) {
  if (view.paused && !force) return;
  const query = new URLSearchParams({ limit: 300, q: view.q, rev: force ? "" : feed.rev });
  const notice = $("#notice");
  try {
    const answer = await fetch(`/feed.json?${query}`);
    notice.classList.remove("tag-red");
    notice.textContent = "Demo mode, nothing leaves this machine";
    if (answer.status !== 200) return;
    Object.assign(feed, await answer.json());
    draw();
  } catch {
    notice.classList.add("tag-red");
    notice.textContent = "The sandbox does not answer, trying again";
  }
}

const keyOf = (message) => `${message.channel}|${message.to}|${message.meta.bot ?? ""}`;
const shown = () => feed.messages.filter((message) => !view.channel || message.channel === view.channel);

// Keep the nodes that did not change: scroll places, frames and focus survive a refresh.
function reconcile(box, items, idOf, versionOf, build) {
  const old = new Map([...box.children].map((node) => [node.dataset.id, node]));
  let after = null;
  for (const item of items) {
    const id = String(idOf(item)), version = versionOf(item);
    let node = old.get(id);
    if (!node || node.dataset.version !== version) {
      const fresh = build(item, node);
      fresh.dataset.id = id;
      fresh.dataset.version = version;
      if (node && node !== fresh) node.replaceWith(fresh);
      node = fresh;
    }
    old.delete(id);
    const place = after ? after.nextSibling : box.firstChild;
    if (place !== node) box.insertBefore(node, place);
    after = node;
  }
  for (const node of old.values()) node.remove();
}

// ---- drawing
function draw() {
  const total = Object.values(feed.counts).reduce((sum, count) => sum + count, 0);
  for (const mark of $$("[data-count]")) mark.textContent = mark.dataset.count === "all" ? total : feed.counts[mark.dataset.count] ?? 0;
  const messages = shown();
  if (!messages.some((message) => keyOf(message) === view.conversation)) {
    view.selected = messages[0]?.id ?? null;
    view.conversation = messages[0] ? keyOf(messages[0]) : "";
  }
  drawRows(messages);
  drawPhones(messages);
  drawFaults();
  drawBots();
}

function drawRows(messages) {
  reconcile($("#rows"), messages, (m) => m.id, (m) => JSON.stringify([m.state, m.note, m.body, m.id === view.selected]), (message) => {
    const [words, tone] = stateOf(message);
    return el("tr", { "aria-current": message.id === view.selected && "true" },
      el("td", { class: "tn muted" }, clock(message.at, true)),
      el("td", {}, el("span", { class: `tag ch-${message.channel}` }, CHANNELS[message.channel])),
      el("td", { class: "to" }, recipient(message)),
      el("td", { class: "what" }, el("button", { type: "button", class: "row", onclick: () => select(message, true) }, headline(message))),
      el("td", { class: `state ${tone}`, "data-state": message.id }, words));
  });
  $("#empty").hidden = messages.length > 0;
  $(".dt").hidden = messages.length === 0;
  $("#empty-words").textContent = view.q || view.channel ? "No message matches. Change the channel or the search."
    : "Nothing has been sent yet. Place an order or ask for a code, and it appears here.";
}

function select(message, open = false) {
  view.selected = message.id;
  view.conversation = keyOf(message);
  document.body.classList.toggle("reading", open);
  draw();
}

function conversations(messages) {
  const found = new Map();
  for (const message of messages) {
    const key = keyOf(message);
    if (!found.has(key)) found.set(key, []);
    if (found.get(key).length < TURNS_MOST) found.get(key).push(message);
  }
  return [...found.entries()];
}

function drawPhones(messages) {
  const stage = $("#stage");
  const all = conversations(messages);
  const wanted = view.mode === "phones" ? all.slice(0, PHONES_MOST) : all.filter(([key]) => key === view.conversation);
  reconcile(stage, wanted, ([key]) => key, () => "1", ([key, turns]) => makePhone(key, turns[0]));
  for (const [key, turns] of wanted) fillPhone(phones.get(key), [...turns].reverse());
  stage.classList.toggle("bare", wanted.length === 0);
}

function makePhone(key, first) {
  const node = $("#phone-template").content.firstElementChild.cloneNode(true);
  node.dataset.channel = first.channel;
  $(".face use", node).setAttribute("href", `#i-${first.channel}`);
  $(".via", node).textContent = `${CHANNELS[first.channel]} to ${recipient(first)}`;
  $(".back", node).addEventListener("click", () => document.body.classList.remove("reading"));
  const form = $(".compose", node);
  form.hidden = !["telegram", "sms", "whatsapp"].includes(first.channel);
  $(".as", form).parentElement.hidden = first.meta.private !== false || first.channel !== "telegram";
  form.addEventListener("submit", (event) => { event.preventDefault(); answer(key, form); });
  phones.set(key, node);
  return node;
}

function fillPhone(phone, turns) {
  const talk = $(".talk", phone), last = turns.at(-1);
  const from = turns.findLast((turn) => !turn.meta.incoming);
  $(".who", phone).textContent = (last.channel === "telegram" && last.title) || phoneNumber(from?.sender ?? "") || recipient(last);
  const newest = talk.lastElementChild?.dataset.id;
  reconcile(talk, turns, (m) => m.id, (m) => JSON.stringify([m.state, m.body, m.buttons, m.note]), (m) => bubble(m, actions(phone)));
  if (newest !== talk.lastElementChild?.dataset.id) talk.scrollTop = talk.scrollHeight;
  const keys = $(".keys", phone), offering = turns.findLast((m) => m.buttons.some((b) => b.reply) || m.note === "keyboard removed");
  reconcile(keys, offering?.buttons.map((button, index) => ({ button, index })).filter(({ button }) => button.reply) ?? [],
    ({ index }) => `${offering.id}.${index}`, () => "1",
    ({ button, index }) => el("button", { type: "button", class: "key", onclick: (event) => actions(phone).press(offering, index, event.currentTarget) }, button.text));
}

function actingAs(phone) {
  const id = $(".as", phone)?.value.trim();
  return id ? { id: Number(id) } : undefined;
}

const actions = (phone) => ({
  acknowledge: attempt(async (message) => { await call("POST", `/inbox/${message.id}/acknowledge`, {}); await refresh(true); }),
  press: attempt(async (message, index, button) => {
    const url = message.buttons[index].url;
    if (url) { window.open(url, "_blank", "noopener"); return; }
    button.setAttribute("aria-busy", "true");
    try {
      const outcome = await call("POST", `/inbox/${message.id}/press`, { index, user: actingAs(phone) });
      if (outcome.kind === "web_app") window.open(outcome.url, "_blank", "noopener");
      if (outcome.kind === "callback") toast(outcome.answered ? outcome.text : "The bot has not answered yet");
    } finally { button.removeAttribute("aria-busy"); }
    await refresh(true);
  }),
});

const answer = attempt(async (key, form) => {
  const text = form.elements.text.value.trim();
  const last = feed.messages.find((message) => keyOf(message) === key);
  if (!text || !last) return;
  if (last.channel === "telegram") {
    await call("POST", "/telegram/say", { bot: last.meta.token, chat_id: last.to, text, user: actingAs(form.closest(".phone")) });
  } else {
    const said = await call("POST", "/twilio/inbound", { from: last.to, to: last.sender, body: text, channel: last.channel, account: last.meta.account });
    toast(said.settings.sms === "stop" ? "This number takes no more SMS until it writes START" : said.posted_to ? "Sent" : "Kept here: no address for incoming messages is set");
  }
  form.reset();
  await refresh(true);
});

// ---- faults
function drawFaults() {
  let on = 0;
  for (const [provider, now] of Object.entries(feed.chaos)) {
    on += (now.mode !== "ok") + (now.callbacks !== "ok");
    const form = $(`.fault[data-provider="${provider}"]`);
    if (form.contains(document.activeElement)) continue;
    form.elements.mode.value = now.mode;
    form.elements.seconds.value = now.mode === "ok" || !now.seconds ? "" : now.seconds;
    form.elements.times.value = now.times ?? "";
    form.elements.callbacks.value = now.callbacks;
  }
  for (const toggle of $$(".switch")) toggle.setAttribute("aria-checked", String(feed.chaos[toggle.dataset.provider]?.mode === toggle.dataset.mode));
  $("#faults-on").hidden = on === 0;
  $("#faults-on").textContent = on;
}

const setChaos = attempt(async (...switches) => {
  for (const one of switches) await call("POST", "/chaos", one);
  document.activeElement?.blur?.();
  await refresh(true);
});

function drawBots() {
  const choice = $("#write-form select");
  if (choice.options.length === feed.bots.length) return;
  choice.replaceChildren(...feed.bots.map((bot) => el("option", { value: bot.token }, bot.name)));
}

// ---- wiring
function setView(mode) {
  view.mode = mode;
  document.body.dataset.view = mode;
  document.body.classList.remove("reading");
  for (const button of $$("[data-set-view]")) button.setAttribute("aria-pressed", String(button.dataset.setView === mode));
  const asked = new URL(location.href);
  if (mode === "phones") asked.searchParams.set("view", "phones"); else asked.searchParams.delete("view");
  history.replaceState(null, "", asked);
  draw();
}

for (const button of $$("[data-set-view]")) button.addEventListener("click", () => setView(button.dataset.setView));
for (const button of $$("[data-channel]", $("#channels"))) {
  button.addEventListener("click", () => {
    view.channel = button.dataset.channel;
    for (const other of $$("#channels button")) other.toggleAttribute("aria-current", other === button);
    draw();
  });
}
$("#q").addEventListener("input", (event) => {
  clearTimeout(toast.search);
  toast.search = setTimeout(() => { view.q = event.target.value; refresh(true); }, 200);
});
$("#pause").addEventListener("click", ({ currentTarget: button }) => {
  view.paused = !view.paused;
  button.setAttribute("aria-pressed", String(view.paused));
  button.replaceChildren(icon(view.paused ? "play" : "pause"), el("span", {}, view.paused ? "Go on" : "Pause feed"));
  refresh();
});
$("#clear").addEventListener("click", attempt(async ({ currentTarget: button }) => {
  const words = $("span", button);
  if (!button.classList.contains("sure")) {
    button.classList.add("sure");
    words.textContent = "Really clear";
    setTimeout(() => { button.classList.remove("sure"); words.textContent = "Clear"; }, 3000);
    return;
  }
  button.classList.remove("sure");
  words.textContent = "Clear";
  await call("DELETE", "/inbox.json");
  await refresh(true);
}));
$("#theme").addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme !== "theriac-dark";
  document.documentElement.dataset.theme = dark ? "theriac-dark" : "theriac";
  try { localStorage.setItem("sandbox-theme", dark ? "dark" : "light"); } catch { toast("The choice is not kept in this browser"); }
});
for (const toggle of $$(".switch")) {
  toggle.addEventListener("click", () => {
    const { provider, mode, seconds } = toggle.dataset;
    setChaos({ provider, mode: toggle.getAttribute("aria-checked") === "true" ? "ok" : mode, seconds: Number(seconds) || null });
  });
}
for (const form of $$(".fault")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const { mode, seconds, times, callbacks } = form.elements, provider = form.dataset.provider;
    const switches = [{ provider, mode: "ok" }];
    if (mode.value !== "ok") switches.push({ provider, mode: mode.value, seconds: seconds.value || null, times: times.value || null });
    if (callbacks.value !== "ok") switches.push({ provider, mode: callbacks.value, times: mode.value === "ok" ? times.value || null : null });
    setChaos(...switches);
  });
}
$("#all-ok").addEventListener("click", () => setChaos({ provider: "all", mode: "ok" }));
for (const opener of $$("[data-open]")) opener.addEventListener("click", () => $(`#${opener.dataset.open}`).showModal());
for (const dialog of $$("dialog")) {
  dialog.addEventListener("click", (event) => { if (event.target === dialog || event.target.closest("[data-close]")) dialog.close(); });
}
$("#write-form").addEventListener("submit", attempt(async (event) => {
  event.preventDefault();
  const { bot, chat_id: chat, first_name: name, text } = event.target.elements;
  await call("POST", "/telegram/say", { bot: bot.value, chat_id: chat.value, text: text.value,
    user: { id: Number(chat.value) > 0 ? Number(chat.value) : 1, first_name: name.value } });
  $("#write").close();
  await refresh(true);
}));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") document.body.classList.remove("reading"); });

setInterval(() => { if (!document.hidden) refresh(); }, POLL_MS);
setInterval(() => {
  for (const message of feed.messages) {
    if (message.state !== "ringing") continue;
    for (const mark of $$(`[data-state="${message.id}"]`)) [mark.textContent] = stateOf(message);
  }
}, 1000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
await refresh(true);
setView(new URLSearchParams(location.search).get("view") === "phones" ? "phones" : "list");
