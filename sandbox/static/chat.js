/** The widget's side of the conversation with the page around it, and with the one who writes. */
const PREFIX = "chatwoot-widget:";
const list = document.getElementById("said");
const form = document.querySelector("form");

const tell = (event) => parent.postMessage(PREFIX + JSON.stringify({ event }), "*");

function show(text, who) {
  const item = document.createElement("li");
  item.className = who;
  item.textContent = text;
  list.append(item);
  item.scrollIntoView({ block: "end" });
}

addEventListener("message", ({ data }) => {
  if (typeof data !== "string" || !data.startsWith(PREFIX)) return;
  const said = JSON.parse(data.slice(PREFIX.length));
  if (said.event === "toggle-open" && said.isOpen) form.elements.text.focus();
});
addEventListener("keydown", (event) => { if (event.key === "Escape") tell("closeWindow"); });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const content = form.elements.text.value.trim();
  if (!content) return;
  show(content, "me");
  form.reset();
  const answer = await fetch(`widget/messages${location.search}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ content }),
  });
  if (answer.ok) show((await answer.json()).content, "them");
});
tell("loaded");
