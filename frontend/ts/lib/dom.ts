/** Small DOM vocabulary: typed queries, delegated listeners, what the page says about itself. */

export function all<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

export function one<T extends Element = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

/** Call `handler` for events of `type` that start inside an element matching `selector`, now or added later. */
export function delegate<K extends keyof DocumentEventMap>(
  type: K, selector: string, handler: (event: DocumentEventMap[K], target: HTMLElement) => void,
): void {
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
    if (target) handler(event, target);
  });
}

/** A click that the browser should follow by itself: new tab, new window, download. */
export function isModified(event: MouseEvent): boolean {
  return event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
}

/** Fill `{name}` places of a text the template translated. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The JSON a template left in `<script type="application/json" id="…">`; null when there is none. */
export function pageData<T>(id: string): T | null {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as T) : null;
}

export function prefersReducedMotion(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
