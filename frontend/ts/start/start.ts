/**
 * Asks for the code of the page once its style sheet is there. A script in the head is fetched beside the sheet and the
 * faces and takes their share of a slow line; this one is deferred, so it waits for the sheet, and what it adds still
 * comes before the page counts as loaded.
 */
const code = document.currentScript?.dataset["code"];
if (code) {
  const script = document.createElement("script");
  script.type = "module";
  script.src = code;
  script.fetchPriority = "low";
  document.head.append(script);
}
