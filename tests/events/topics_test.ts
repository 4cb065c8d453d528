import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InvalidError } from "../../src/errors.ts";
import { subscribedNames, validateTopics } from "../../src/events/topics.ts";
import { FORMAT_NAMES, formatOf } from "../../src/formats/mod.ts";

const DELIVERED = ["message.status", "receipt.delivery"];

Deno.test("topics match an exact name", () => {
  assertEquals(subscribedNames(["message.received"], ["message.received"]), ["message.received"]);
});

Deno.test("topics match nothing else than they name", () => {
  assertEquals(subscribedNames(["message.received"], ["device.connected"]), []);
});

Deno.test("topics match in exactly their spelling", () => {
  assertEquals(subscribedNames(["Message.Received"], ["message.received"]), []);
});

Deno.test("topics give the alias (when only the alias is asked for)", () => {
  assertEquals(subscribedNames(["message.status"], DELIVERED), ["message.status"]);
});

Deno.test("topics give the specific name (when only that is asked for)", () => {
  assertEquals(subscribedNames(["receipt.delivery"], DELIVERED), ["receipt.delivery"]);
});

Deno.test("topics give both names (when both are asked for)", () => {
  assertEquals(subscribedNames(["receipt.delivery", "message.status"], DELIVERED), DELIVERED);
});

Deno.test("topics let * stand for the first name only", () => {
  assertEquals(subscribedNames(["*"], DELIVERED), ["message.status"]);
  assertEquals(subscribedNames(["*"], ["message.received"]), ["message.received"]);
});

Deno.test("topics let a group stand for the first name in it", () => {
  assertEquals(subscribedNames(["message.*"], DELIVERED), ["message.status"]);
  assertEquals(subscribedNames(["receipt.*"], DELIVERED), ["receipt.delivery"]);
  assertEquals(subscribedNames(["message.*"], ["message.status", "message.updated"]), ["message.status"]);
});

Deno.test("topics do not match a group by a mere beginning", () => {
  assertEquals(subscribedNames(["message.*"], ["messages.other"]), []);
});

Deno.test("topics give a name once (when several topics match it)", () => {
  assertEquals(subscribedNames(["*", "message.*", "message.status"], DELIVERED), ["message.status"]);
});

Deno.test("topics match nothing (when the event cannot be said)", () => {
  assertEquals(subscribedNames(["*"], []), []);
});

Deno.test("topics are valid when the format has such names", () => {
  for (const name of FORMAT_NAMES) {
    const format = formatOf(name);

    assertEquals(validateTopics(format, format.names), format.names);
    assertEquals(validateTopics(format, ["*"]), ["*"]);
  }
  assertEquals(validateTopics(formatOf("device"), ["message.*", "device.*"]), ["message.*", "device.*"]);
});

Deno.test("topics lose repetitions", () => {
  const topics = ["message.received", "*", "message.received"];

  assertEquals(validateTopics(formatOf("device"), topics), ["message.received", "*"]);
});

Deno.test("topics are refused (when there are none)", () => {
  const error = assertThrows(() => validateTopics(formatOf("device"), []), InvalidError);

  assertEquals(error.field, "events");
});

Deno.test("topics are refused with the place of the unknown one and the names that exist", () => {
  const topics = ["message.received", "mesage.sent"];

  const error = assertThrows(() => validateTopics(formatOf("account"), topics), InvalidError);

  assertEquals(error.field, "events[1]");
  assertEquals(
    error.message,
    'Cannot subscribe to "mesage.sent": the format "account" has no such event, only *, message.*, connection.*, ' +
      "error.*, message.received, message.sent, connection.status, error.occurred",
  );
});

Deno.test("topics are refused in another spelling, of another format, or for a group that is not there", () => {
  const refused = [
    ["device", "MESSAGE.RECEIVED"],
    ["device", "message_ack"],
    ["session", "message.*"],
    [
      "device",
      "mess*",
    ],
    ["account", "custom.event"],
    ["device", ""],
  ] as const;

  for (const [format, topic] of refused) {
    const error = assertThrows(() => validateTopics(formatOf(format), [topic]), InvalidError);
    assertStringIncludes(error.message, JSON.stringify(topic));
  }
});
