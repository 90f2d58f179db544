// The frame of AcceptUI.js: learns from the shop's page what to say, and gives it a token for the card that was chosen.
(() => {
  const { verifyOrigin, type, pktData: shop } = JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}");
  if (verifyOrigin !== "AcceptUI" || type !== "SYNC") return;
  const one = (selector) => document.querySelector(selector);
  const [form, button, problem] = [one("form"), one("[data-pay]"), one("[data-problem]")];
  let options = {};

  const tell = (what, pktData) => parent.postMessage({ verifyOrigin: "AcceptMain", type: what, pktData }, shop);
  const fit = () => tell("FIT_WINDOW", { height: one("main").offsetHeight });
  const refuse = (text) => {
    problem.textContent = text;
    problem.hidden = false;
    button.disabled = false;
    fit();
  };

  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== shop || event.data?.type !== "INIT") return;
    options = event.data.pktData;
    one("[data-title]").textContent = options.acceptUIFormHeaderTxt || "Payment";
    button.textContent = options.acceptUIFormBtnTxt || "Pay";
    fit();
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    const asked = { apiLoginID: options.apiLoginID, clientKey: options.clientKey, card: new FormData(form).get("card") };
    try {
      const answer = await fetch("../tokens", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) });
      if (!answer.ok) throw new Error(String(answer.status));
      tell("RESPONSE", await answer.json());
    } catch {
      refuse("An error occurred during processing. Please try again.");
    }
  });
  one("[data-close]").addEventListener("click", () => tell("CLOSE_IFRAME"));
  addEventListener("keydown", (event) => { if (event.key === "Escape") tell("CLOSE_IFRAME"); });
  tell("ACK");
})();
