import { assertEquals } from "@std/assert";
import { hasError, messageIdIn, wordsIn } from "../../../src/providers/qiscus/answers.ts";

const NEW_LINE = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces";

for (
  const [answer, words] of [
    [{ message: "Internal trouble" }, "Internal trouble"],
    [{ error: "no" }, "no"],
    [
      { error: { message: "(#100) Invalid parameter", code: 100, error_data: { details: NEW_LINE } } },
      `(#100) Invalid parameter: ${NEW_LINE}`,
    ],
    [{
      errors: [{
        code: 1008,
        title: "Required parameter is missing",
        details: "Parameter 'body' is mandatory",
      }],
    }, "Required parameter is missing: Parameter 'body' is mandatory"],
    [{ errors: "template not found" }, "template not found"],
    [{ errors: { message: "template paused" } }, "template paused"],
    [{ errors: ["number is not valid"] }, "number is not valid"],
    [{ data: { message: "bad number" } }, "bad number"],
    [{ data: { errors: [{ title: "User is not valid" }] } }, "User is not valid"],
    [{ message: "Bad request", errors: [{ details: "to is missing" }] }, "Bad request: to is missing"],
    [
      { message: "failed", error: { message: "failed", details: "failed: no such template" } },
      "failed: no such template",
    ],
    [{ errors: [{ code: 131026 }] }, "Error 131026"],
    [{ meta: { developer_message: "not allowed" } }, "not allowed"],
    [{ errors: [] }, undefined],
    ["nonsense", undefined],
    [undefined, undefined],
  ] as readonly (readonly [unknown, string | undefined])[]
) {
  Deno.test(`qiscus answer ${JSON.stringify(answer)} says why`, () => {
    assertEquals(wordsIn(answer), words);
  });
}

Deno.test("qiscus answer is cut without breaking a sign in two", () => {
  const words = wordsIn({ message: "x".repeat(499) + "😀" });

  assertEquals(words, "x".repeat(499));
});

Deno.test("qiscus answer with an error and without an id is no acceptance", () => {
  const refusals = [{ errors: [{ code: 1013 }] }, { error: { message: "no" } }, { data: { error: "no" } }];
  const acceptances = [{ data: { id: "w" } }, { errors: [], messages: [{ id: "w" }] }, { error: null }, {}];

  assertEquals(refusals.map(hasError), [true, true, true]);
  assertEquals(acceptances.map(hasError), [false, false, false, false]);
  assertEquals(acceptances.map(messageIdIn), ["w", "w", undefined, undefined]);
});
