/**
 * `hx-swap="morph"`: an answer is merged into the page instead of replacing it. Fields somebody changed after the
 * question was sent keep what they hold, and elements keep their identity, so a queued question still has its form.
 */
import { Idiomorph } from "idiomorph";
import { htmx } from "./htmx.js";

const touched = new WeakMap<Element, number>();
const STATE = new Set(["value", "checked", "selected"]);
let clock = 0;

export function startMorph(): void {
  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => touched.set(event.target as Element, ++clock), true);
  }
  const asked = new WeakMap<XMLHttpRequest, number>();
  let since = 0;
  document.addEventListener("htmx:beforeSend", (event) => asked.set(xhrOf(event), clock));
  document.addEventListener("htmx:beforeSwap", (event) => (since = asked.get(xhrOf(event)) ?? clock));
  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => style === "morph" && merge(target, fragment, () => since),
  });
}

function merge(target: Node, fragment: Node, since: () => number): Node[] {
  const keeps = (node: Element): boolean => {
    const field = node.closest("select") ?? node;
    if ((touched.get(field) ?? 0) > since()) return true;
    if (!(field instanceof HTMLInputElement) || field.type !== "radio") return false;
    const group = document.querySelectorAll(`input[type="radio"][name="${CSS.escape(field.name)}"]`);
    return [...group].some((other) => (touched.get(other) ?? 0) > since());
  };
  const coming = fragment instanceof DocumentFragment ? [...fragment.children] : [fragment];
  return Idiomorph.morph(target, coming, {
    morphStyle: "outerHTML",
    callbacks: { beforeAttributeUpdated: (name: string, node: Element) => !(STATE.has(name) && keeps(node)) },
  }) as Node[];
}

function xhrOf(event: Event): XMLHttpRequest {
  return (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail.xhr;
}
