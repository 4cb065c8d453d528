/** An element of a page, as far as a small script needs one. */
export class FakeElement {
  readonly attributes = new Map<string, string>();
  readonly children: (FakeElement | string)[] = [];
  readonly #listeners = new Map<string, () => unknown>();
  value = "";
  hidden = false;

  constructor(readonly tag: string) {}

  setAttribute(name: string, value: string): void {
    this.attributes.set(name, value);
  }
  addEventListener(type: string, listener: () => unknown): void {
    this.#listeners.set(type, listener);
  }
  append(...children: readonly (FakeElement | string)[]): void {
    this.children.push(...children);
  }
  replaceChildren(...children: readonly (FakeElement | string)[]): void {
    this.children.length = 0;
    this.append(...children);
  }
  get childElementCount(): number {
    return this.children.filter((child) => child instanceof FakeElement).length;
  }
  get textContent(): string {
    return this.children.map((child) => typeof child === "string" ? child : child.textContent).join("");
  }
  set textContent(text: string) {
    this.replaceChildren(text);
  }

  /** Does what a user's click or key does. */
  async happen(type: string): Promise<void> {
    await this.#listeners.get(type)?.();
  }
  all(tag: string): readonly FakeElement[] {
    return this.children.flatMap((child) =>
      typeof child === "string" ? [] : [...(child.tag === tag ? [child] : []), ...child.all(tag)]
    );
  }
}

/** Runs a page's script; the elements that it asks for by id are there. */
export function runScript(script: string, fetch: (url: string, init?: RequestInit) => Promise<Response>) {
  const byId = new Map<string, FakeElement>();
  const document = {
    createElement: (tag: string) => new FakeElement(tag),
    querySelector: (selector: string) => {
      const element = byId.get(selector) ?? new FakeElement("div");
      byId.set(selector, element);
      return element;
    },
  };
  const kept = new Map<string, string>();
  const sessionStorage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
  };
  const names = ["document", "sessionStorage", "location", "fetch"];
  new Function(...names, script)(document, sessionStorage, { origin: "http://localhost:3000" }, fetch);
  return document;
}
