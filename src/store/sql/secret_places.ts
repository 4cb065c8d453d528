/** A column that holds secrets, which a vault may hide. */
interface SecretPlace {
  readonly table: string;
  /** The column that names the row. */
  readonly id: string;
  readonly column: string;
  /** What a seal of this column in the row of that id is bound to. */
  readonly place: (id: string) => string;
}

export const WEBHOOK_SECRETS = placeOf("webhooks", "id", "secrets");
export const WEBHOOK_HEADERS = placeOf("webhooks", "id", "headers");
/**
 * Who the device is to WhatsApp. Its Signal keys stay in the open: nobody can log in with them, and they are rewritten
 * with every message, which sealing would make a few hundredths dearer.
 */
export const DEVICE_CREDENTIALS = placeOf("credentials", "device_id", "value");

/** User name and password of the proxy are in its URL. */
export const DEVICE_PROXY = placeOf("device_proxies", "device_id", "url");

export const secretPlaces: readonly SecretPlace[] = [
  WEBHOOK_SECRETS,
  WEBHOOK_HEADERS,
  DEVICE_CREDENTIALS,
  DEVICE_PROXY,
];

function placeOf(table: string, id: string, column: string): SecretPlace {
  return { table, id, column, place: (name) => `${table}/${name}/${column}` };
}
