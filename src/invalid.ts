/** What is wrong with a value, by a word, with what its sentence names: for whoever says it in another language. */
interface Facts {
  phone: { readonly got: string };
  phone_decimal: { readonly got: string };
  phone_several: { readonly got: string };
  phone_length: { readonly got: string; readonly digits: number };
  phone_impossible: { readonly got: string; readonly readAs: string };
  phone_ambiguous: { readonly got: string; readonly readings: readonly [string, string] };
  recipient: { readonly got: string };
  url: unknown;
  url_long: { readonly most: number };
  url_scheme: { readonly got: string };
  url_password: unknown;
  url_placeholder: unknown;
  url_own: { readonly host: string };
  url_refused: { readonly host: string };
  url_unverified: unknown;
  headers_many: { readonly most: number };
  header_name: { readonly name: string };
  header_reserved: { readonly name: string };
  header_twice: { readonly name: string };
  header_masked: { readonly name: string };
  header_value: { readonly name: string; readonly most: number };
  secret_empty: unknown;
  secret_long: { readonly most: number };
  secret_base64: unknown;
  events_none: unknown;
  event_unknown: { readonly got: string; readonly format: string };
  devices_none: unknown;
  device_unknown: { readonly got: string };
  retry: unknown;
  retry_many: { readonly most: number };
  retry_long: { readonly days: number };
  retry_order: unknown;
  timeout: { readonly got: number };
  words: { readonly most: number };
  person: unknown;
  expiry: unknown;
  manage_of_some_chats: unknown;
  proxy: unknown;
  proxy_long: { readonly most: number };
  proxy_encoded: unknown;
  proxy_refused: unknown;
  time_past: unknown;
  time_far: unknown;
  recipients_none: unknown;
  recipient_field: { readonly row: number; readonly field: string };
  recipient_lacks: { readonly row: number; readonly names: readonly string[] };
  recipient_text_long: { readonly row: number; readonly most: number };
  recipients_refused: { readonly count: number };
  blast_text: unknown;
  blast_channel: unknown;
  template_empty: { readonly template: string };
  pace_order: unknown;
  delivery_pending: unknown;
  delivery_unwanted: unknown;
  test_inactive: unknown;
  test_event: { readonly format: string };
}

export type InvalidKind = keyof Facts;

/** Why a value is not acceptable. */
export type InvalidWhy = { readonly [K in InvalidKind]: { readonly kind: K } & Facts[K] }[InvalidKind];

/** A sentence for each kind of fault. */
export type InvalidSentences = { readonly [K in InvalidKind]: (facts: Facts[K]) => string };
