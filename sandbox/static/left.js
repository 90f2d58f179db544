// Tells the page around this frame how the payment ended.
(() => {
  const said = document.querySelector("script[data-outcome]").dataset;
  window.parent.postMessage({ snap: said.outcome, order_id: said.order }, "*");
})();
