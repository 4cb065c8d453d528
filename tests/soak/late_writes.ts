// Whether anybody writes what is a device's while another gateway holds it: seen by the database itself.
import { execute } from "../support/postgres.ts";

/** What a session writes under its lease. */
const TABLES = ["credentials", "signal_keys", "inbox", "events"];

export interface WriteAudit extends AsyncDisposable {
  /** Rows that were written since it began, by the holder of their device and by others. */
  count(): Promise<{ readonly late: number; readonly onTime: number }>;
}

/** The connections of each gateway must be named after it (`application_name`). */
export async function auditWrites(url: string): Promise<WriteAudit> {
  await execute(
    url,
    "CREATE UNLOGGED TABLE drill_writes (writer TEXT, what TEXT, late BOOLEAN)",
    `CREATE FUNCTION drill_note() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE holds TEXT;
     BEGIN
       SELECT coalesce(gateways.name, '') INTO holds FROM leases LEFT JOIN gateways ON gateways.id = leases.holder
         WHERE leases.name = 'device/' || NEW.device_id;
       IF FOUND THEN
         INSERT INTO drill_writes
           VALUES (current_setting('application_name'), TG_TABLE_NAME, holds <> current_setting('application_name'));
       END IF;
       RETURN NULL;
     END $$`,
    ...TABLES.map((table) =>
      `CREATE TRIGGER drill_note AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION drill_note()`
    ),
  );
  return {
    async count() {
      const [found] = await execute(
        url,
        "SELECT count(*) FILTER (WHERE late)::int AS late, count(*) FILTER (WHERE NOT late)::int AS on_time FROM drill_writes",
      ) as readonly { readonly late: number; readonly on_time: number }[];
      return { late: found.late, onTime: found.on_time };
    },
    async [Symbol.asyncDispose]() {
      await execute(
        url,
        ...TABLES.map((table) => `DROP TRIGGER drill_note ON ${table}`),
        "DROP FUNCTION drill_note",
        "DROP TABLE drill_writes",
      );
    },
  };
}
