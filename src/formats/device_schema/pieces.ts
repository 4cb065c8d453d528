import { z } from "zod";

/** A time. */
export function seconds(about: string) {
  return z.int().describe(`${about}, Unix seconds`);
}

export const Address = z.string().describe(
  "The phone number's address when the number is known, else the LID",
);
export const Lid = z.string().optional().describe("The hidden identity (LID), when it is known");
export const GroupId = z.string().describe("The group's address, which ends in @g.us");

/** Who did it, under two names; null when nobody else did, or WhatsApp does not tell. */
export function actor<K extends string>(name: K, about: string) {
  return {
    [name]: z.string().nullable().describe(about),
    [`${name}_lid`]: Lid,
  } as { [P in K]: z.ZodNullable<z.ZodString> } & { [P in `${K}_lid`]: typeof Lid };
}

export const members = {
  participants: z.array(z.string()).describe("The people it is about"),
  participant_lids: z.array(z.string().nullable()).optional()
    .describe("Their LIDs in the same order; null where one is not known"),
};

/** Where a message stands. */
export const inChat = {
  chat_id: z.string().describe("Answer to this address; it ends in @g.us in a group"),
  chat_lid: z.string().optional().describe("The LID of the chat's person, when it is known"),
};

/** Who spoke. */
export const speaker = {
  from: z.string().describe("Who: the phone number's address when the number is known, else the LID"),
  from_lid: z.string().optional().describe("Who: the LID, when it is known"),
  from_me: z.boolean().describe("The owner did it on the phone"),
};

/** Whose the message is that another one is about. */
export const target = {
  author: z.string().optional().describe("Who wrote the message that this is about, as far as it is known"),
  author_lid: z.string().optional().describe("The LID of the author, when it is known"),
  target_from_me: z.boolean().optional().describe("Whether the message that this is about is yours"),
};
