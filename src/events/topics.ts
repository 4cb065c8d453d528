import { InvalidError } from "../errors.ts";

/**
 * Under which names a subscriber gets an event.
 * @param topics Names, `*`, or a group such as `message.*`.
 * @param says The names under which the format can say the event, the primary one first.
 * @param onRequest Names that neither `*` nor a group covers.
 * @returns Each name at most once, in the order of `says`. `*` stands for the primary name, a group for the first
 * name in it, a name for itself: one fact comes once, unless a second name of it is asked for as well.
 */
export function subscribedNames(
  topics: readonly string[],
  says: readonly string[],
  onRequest: readonly string[] = [],
): readonly string[] {
  const primary = says[0];
  if (primary === undefined) return says;
  if (says.length === 1) {
    return topics.some((topic) => nameOf(topic, says, onRequest) === primary) ? says : [];
  }
  const wanted = new Set(topics.map((topic) => nameOf(topic, says, onRequest)));
  return says.filter((name) => wanted.has(name));
}

function nameOf(topic: string, says: readonly string[], onRequest: readonly string[]): string | undefined {
  if (!topic.endsWith("*")) return topic;
  const group = topic.slice(0, -1);
  return says.find((name) => name.startsWith(group) && !onRequest.includes(name));
}

/**
 * Checks what somebody wants to subscribe to.
 * @param format Whose names count, in exactly this spelling.
 * @returns The topics without repetitions.
 * @throws {InvalidError} `events` when there is none, `events[i]` for one that does not exist; it lists those that do.
 */
export function validateTopics(
  format: { readonly name: string; readonly names: readonly string[] },
  topics: readonly string[],
): readonly string[] {
  if (topics.length === 0) {
    const message = `Cannot subscribe to nothing: name at least one of ${listOf(format)}`;
    throw new InvalidError("events", message, { kind: "events_none" });
  }
  const known = new Set(["*", ...groupsOf(format), ...format.names]);
  topics.forEach((topic, index) => {
    if (known.has(topic)) return;
    const why = `the format "${format.name}" has no such event, only ${listOf(format)}`;
    const got = JSON.stringify(topic);
    throw new InvalidError(`events[${index}]`, `Cannot subscribe to ${got}: ${why}`, {
      kind: "event_unknown",
      got,
      format: format.name,
    });
  });
  return [...new Set(topics)];
}

/** Groups of names that can be asked for together: `message.*` and so on. */
function groupsOf({ names }: { readonly names: readonly string[] }): readonly string[] {
  const dotted = names.filter((name) => name.includes("."));
  return [...new Set(dotted.map((name) => `${name.slice(0, name.indexOf("."))}.*`))];
}

function listOf(format: { readonly names: readonly string[] }): string {
  return ["*", ...groupsOf(format), ...format.names].join(", ");
}
