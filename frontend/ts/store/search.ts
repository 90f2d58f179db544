/** Search as you type: its code and the catalogue come when a search field is first entered, and not before. */
import { delegate } from "../lib/dom.js";

interface SearchCode {
  open(form: HTMLFormElement): void;
}

let coming: Promise<SearchCode> | null = null;

export function startSearch(): void {
  delegate("focusin", "form[data-search-box] input", (_event, field) => {
    const form = (field as HTMLInputElement).form;
    const code = form?.dataset["code"];
    if (!form || !code) return;
    coming ??= import(code) as Promise<SearchCode>;
    // Without it the field is what it is without a script: Enter leads to the page of results.
    coming.then((search) => search.open(form), () => { coming = null; });
  });
}
