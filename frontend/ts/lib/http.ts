/** JSON over fetch with the page's CSRF token; a refusal is an error that carries the answer. */

export class Refused extends Error {
  constructor(readonly status: number, readonly body: unknown) {
    super(`HTTP ${status}`);
  }
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

/** What a page in a language by its address (`?lang=`) adds to what it asks for, so that the answer speaks like the page. */
export function pageLanguage(): Record<string, string> {
  const lang = new URLSearchParams(location.search).get("lang");
  return lang ? { "X-Lang": lang } : {};
}

/** Send `body` as JSON (none for GET) and read JSON back. Throws Refused for 4xx and 5xx, TypeError when offline. */
export async function sendJson<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "X-CSRFToken": csrfToken() };
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (method !== "GET") Object.assign(headers, pageLanguage());
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  if (signal) init.signal = signal;
  const response = await fetch(url, init);
  const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
  const answer: unknown = isJson ? await response.json() : null;
  if (!response.ok || !isJson) throw new Refused(response.status, answer);
  return answer as T;
}
