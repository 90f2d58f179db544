// Types each text letter by letter and takes it back; gives the milliseconds from each event to the list laid out.
async (texts) => {
  const field = document.querySelector("#q-wide");
  const list = document.querySelector(".sug");
  const times = [];
  for (const text of texts) {
    for (let length = 1; length <= text.length; length += 1) {
      const changed = new Promise((resolve) => {
        const watch = new MutationObserver(() => { watch.disconnect(); resolve(); });
        watch.observe(list, { childList: true });
      });
      field.value = text.slice(0, length);
      const began = performance.now();
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      await changed;
      list.getBoundingClientRect();
      times.push(performance.now() - began);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }
  return times;
}
