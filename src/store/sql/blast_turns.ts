import { type BlastTurn, MOST_TURNS, type TurnCause } from "../blasts.ts";
import { type Database, run, send, type Work } from "./database.ts";

/** Keeps a turn of a blast, and lets go of the oldest where there are too many. */
export function* keepTurn({ build }: Database, blastId: string, turn: BlastTurn): Work<void> {
  const { at, what, cause, by, deviceId, reason } = turn;
  const row = { blast_id: blastId, at, what, cause, by_whom: by, device_id: deviceId, reason };
  yield* send(build.insertInto("blast_turns").values(row).compile());
  const surplus = build.selectFrom("blast_turns").select("number").where("blast_id", "=", blastId)
    .orderBy("number", "desc").limit(MOST_TURNS).offset(MOST_TURNS);
  yield* send(build.deleteFrom("blast_turns").where("number", "in", surplus).compile());
}

/** The turns of a blast, oldest first. */
export function* turnsOf({ build }: Database, blastId: string): Work<readonly BlastTurn[]> {
  const rows = yield* run(
    build.selectFrom("blast_turns").selectAll().where("blast_id", "=", blastId).orderBy("number").compile(),
  );
  return rows.map(({ at, what, cause, by_whom, device_id, reason }) => ({
    at,
    what: what as BlastTurn["what"],
    cause: cause as TurnCause,
    by: by_whom,
    deviceId: device_id,
    reason,
  }));
}
