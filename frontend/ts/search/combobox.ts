/**
 * The list below a search field (ARIA combobox with a list). Arrows choose, Enter opens what is chosen or sends the
 * words, Escape closes; the focus stays in the field. Every text on it comes from the server.
 */
import { fill } from "../lib/dom.js";
import type { Row } from "./goods.js";

export class Combobox {
  private readonly list = document.createElement("div");
  private readonly said = document.createElement("span");
  private at = -1;

  constructor(private readonly form: HTMLFormElement, private readonly field: HTMLInputElement) {
    const id = `${field.id}-list`;
    Object.assign(this.list, { id, className: "sug", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.dataset["label"] ?? "");
    this.said.className = "sr-only";
    this.said.setAttribute("role", "status");
    form.append(this.list, this.said);
    field.autocomplete = "off";
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id };
    for (const [name, value] of Object.entries(roles)) field.setAttribute(name, value);
    field.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("submit", () => this.close());
    form.addEventListener("focusout", ({ relatedTarget }) => {
      if (!form.contains(relatedTarget as Node | null)) this.close();
    });
    // The focus stays in the field, so a press on the list does not close it before the click.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  show(query: string, rows: Row[]): void {
    const { all = "", none = "", found = "" } = this.form.dataset;
    const last = rows.length ? this.option(this.resultsUrl(query), "sug-all", [text("span", fill(all, { query }))]) : null;
    const options = rows.map((row) => this.row(row));
    this.list.replaceChildren(...options, ...(last ? [last] : [this.empty(fill(none, { query }))]));
    [...this.options()].forEach((option, place) => (option.id = `${this.list.id}-${place}`));
    this.choose(-1);
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.said.textContent = rows.length ? fill(found, { count: rows.length }) : fill(none, { query });
  }

  close(): void {
    this.choose(-1);
    this.list.hidden = true;
    this.said.textContent = "";
    this.field.setAttribute("aria-expanded", "false");
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing || this.list.hidden) return;
    const count = this.options().length;
    if (event.key === "ArrowDown") this.choose(this.at + 1 < count ? this.at + 1 : -1);
    else if (event.key === "ArrowUp") this.choose(this.at < 0 ? count - 1 : this.at - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.at >= 0) this.options()[this.at]?.click();
    else return;
    event.preventDefault();
  }

  private choose(at: number): void {
    this.at = at;
    this.options().forEach((option, place) => option.setAttribute("aria-selected", String(place === at)));
    const chosen = this.options()[at];
    if (chosen) this.field.setAttribute("aria-activedescendant", chosen.id);
    else this.field.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  private options(): NodeListOf<HTMLElement> {
    return this.list.querySelectorAll<HTMLElement>('[role="option"]');
  }

  private resultsUrl(query: string): string {
    return `${this.form.getAttribute("action") ?? ""}?${new URLSearchParams({ q: query })}`;
  }

  private option(url: string, cls: string, parts: Node[]): HTMLElement {
    const option = document.createElement("a");
    Object.assign(option, { href: url, tabIndex: -1, className: cls });
    option.setAttribute("role", "option");
    option.append(...parts);
    return option;
  }

  private row([name, subtitle, brand, , price, url, picture, hue, there]: Row): HTMLElement {
    const stage = document.createElement("span");
    stage.className = "stage sug-pic";
    stage.style.setProperty("--h", String(hue));
    if (picture) {
      const image = document.createElement("img");
      Object.assign(image, { src: picture, alt: "", width: 40, height: 50, loading: "lazy", decoding: "async" });
      stage.append(image);
    }
    const words = text("span", "", "sug-name");
    words.append(text("b", name), text("span", [brand, subtitle].filter(Boolean).join(" · "), "hint"));
    const aside = text("span", "", "sug-price num");
    aside.append(text("b", price), ...(there ? [] : [text("span", this.form.dataset["gone"] ?? "", "hint")]));
    return this.option(url, "sug-row", [stage, words, aside]);
  }

  private empty(words: string): HTMLElement {
    const line = text("p", words, "sug-none");
    line.setAttribute("aria-hidden", "true");
    return line;
  }
}

function text(tag: string, words: string, cls = ""): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = words;
  if (cls) element.className = cls;
  return element;
}
