// The dashboard as a browser without scripts sees it: pages over HTTP, with a cookie jar.
import { KEY } from "./gateway.ts";

/** A page that came back. */
export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly location: string | null;
}

export interface Visitor {
  /** Opens a page; redirects are not followed. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Shown>;
  /** Sends a form as one of our own pages does; `csrf` is added when there is one. */
  post(
    path: string,
    fields: Readonly<Record<string, string | readonly string[]>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Shown>;
  /** Sends a form that may carry files, as one of our own pages does. */
  send(path: string, fields: Readonly<Record<string, string | File>>): Promise<Shown>;
  readonly cookies: Map<string, string>;
}

/** Somebody with an empty cookie jar. */
export function aVisitor(gateway: { readonly url: string }): Visitor {
  const cookies = new Map<string, string>();
  let csrf: string | undefined;
  const send = async (path: string, init: RequestInit): Promise<Shown> => {
    const headers = new Headers(init.headers);
    headers.set("Cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(gateway.url + path, { ...init, headers, redirect: "manual" });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (/max-age=0/i.test(cookie)) cookies.delete(name);
      else cookies.set(name, value);
    }
    const html = await response.text();
    csrf = /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? csrf;
    return {
      status: response.status,
      headers: response.headers,
      html,
      location: response.headers.get("Location"),
    };
  };
  return {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    post(path, fields, headers = { "Sec-Fetch-Site": "same-origin" }) {
      const body = new URLSearchParams();
      if (csrf !== undefined && !("csrf" in fields)) body.append("csrf", csrf);
      for (const [name, value] of Object.entries(fields)) {
        for (const one of typeof value === "string" ? [value] : value) body.append(name, one);
      }
      return send(path, { method: "POST", body, headers });
    },
    send(path, fields) {
      const body = new FormData();
      if (csrf !== undefined && !("csrf" in fields)) body.append("csrf", csrf);
      for (const [name, value] of Object.entries(fields)) body.append(name, value);
      return send(path, { method: "POST", body, headers: { "Sec-Fetch-Site": "same-origin" } });
    },
  };
}

/** Somebody who signed in with a key, and has seen the first page. */
export async function signedIn(gateway: { readonly url: string }, key: string = KEY): Promise<Visitor> {
  const visitor = aVisitor(gateway);
  await visitor.post("/ui/sign-in", { key });
  await visitor.get("/ui/settings");
  return visitor;
}
