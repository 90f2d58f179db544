// Before the first paint: ?theme=, then the last choice, then the system's preference.
(() => {
  const asked = new URLSearchParams(location.search).get("theme");
  let kept = null;
  try { kept = localStorage.getItem("sandbox-theme"); } catch { kept = null; }
  const dark = (asked ?? kept ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  document.documentElement.dataset.theme = dark ? "theriac-dark" : "theriac";
})();
