// Midtrans's snap.js as shops know it: snap.pay(token, {onSuccess, onPending, onError, onClose}), snap.hide().
(() => {
  const base = new URL(document.currentScript.src).origin;
  let frame = null;
  let calls = {};
  const hide = () => { frame?.remove(); frame = null; };
  const on = { success: "onSuccess", pending: "onPending", error: "onError", close: "onClose" };
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base) return;
    const name = on[event.data?.snap];
    if (!name) return;
    hide();
    calls[name]?.({ order_id: event.data.order_id, transaction_status: event.data.snap });
  });
  window.snap = {
    hide,
    pay(token, options = {}) {
      if (frame) throw new Error("snap.pay is not allowed to be called in this state");
      calls = options;
      frame = document.createElement("iframe");
      frame.id = "snap-midtrans";
      frame.title = "Midtrans";
      frame.src = `${base}/midtrans/snap/v4/redirection/${encodeURIComponent(token)}?popup=1`;
      Object.assign(frame.style, { position: "fixed", inset: "0", width: "100%", height: "100%", border: "0", zIndex: "2147483647" });
      document.body.append(frame);
      frame.addEventListener("load", () => frame?.contentWindow?.focus());
    },
  };
})();
