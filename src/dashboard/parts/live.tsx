import type { Child } from "@hono/hono/jsx";

/** A part of a page that changes in place while somebody looks at it. `id` is its own on the page. */
export function Live({ id, children, class: name = "stack", polite = false, role, name: label }: {
  readonly id: string;
  readonly children?: Child;
  readonly class?: string;
  /** Read out when it changes; only for short sentences. */
  readonly polite?: boolean;
  /** With `name`, for one that scrolls by itself: it can then be reached by keyboard. */
  readonly role?: "group";
  readonly name?: string;
}) {
  return (
    <div
      id={`live-${id}`}
      class={name}
      aria-live={polite ? "polite" : undefined}
      role={role}
      aria-label={label}
      tabindex={role === undefined ? undefined : 0}
    >
      <template data-live-from={id}></template>
      {children}
      <template data-live-to={id}></template>
    </div>
  );
}

/** The parts of a page that was drawn, by their ids: what stands between the marks. No stranger's text can hold one. */
export function livePartsOf(html: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>();
  for (
    const { 0: mark, 1: id, index } of html.matchAll(/<template data-live-from="([\w-]+)"><\/template>/g)
  ) {
    const end = html.indexOf(`<template data-live-to="${id}"></template>`, index);
    if (end >= 0) parts.set(id, html.slice(index + mark.length, end));
  }
  return parts;
}
