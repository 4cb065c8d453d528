/** A file and where it goes; what else a form may hold, its schema says. */
const FORM = { to: "628000000142", file: "@photo.jpg", caption: "As promised" };
const MEDIA_KINDS = ["media", "image", "video", "audio", "voice", "document", "sticker"];
const DEVICE = "/v1/devices/{id}";

/** Bodies to start from, by method and path, where the parts of the schema bring no examples of their own. */
export const BODY_EXAMPLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "post /v1/webhooks/{id}/rotate-secret": { keep_old_for: 86400 },
  "post /v1/deliveries/replay": { event: "message.received", since: 1764547200, dry_run: true },
  ...Object.fromEntries(MEDIA_KINDS.map((kind) => [`post ${DEVICE}/messages/${kind}`, FORM])),
  [`patch ${DEVICE}/messages/{messageId}`]: { text: "It costs 120,000" },
  [`put ${DEVICE}/messages/{messageId}`]: { text: "It costs 120,000" },
  [`post ${DEVICE}/messages/mark-read`]: { message_ids: ["3EB0C431C26A1916E07E"] },
  [`post ${DEVICE}/presence`]: { to: "628000000142", type: "composing" },
  [`post ${DEVICE}/chats/{chat}/mark-read`]: { message_ids: ["3EB0C431C26A1916E07E"] },
  [`post ${DEVICE}/chats/{chat}/archive`]: { archive: true },
  [`post ${DEVICE}/chats/{chat}/mute`]: { mute: true, duration_ms: 28800000 },
  "post /api/instance/create": { name: "Shop", webhookUrl: "https://shop.example/webhook" },
  "put /api/instance/{id}": { name: "Shop", webhookUrl: "https://shop.example/webhook" },
  "post /api/instance/{id}/pairing-code": { phoneNumber: "628000000142" },
  "post /api/whatsapp/send-media": { to: "628000000142", media: "@photo.jpg", caption: "As promised" },
  "post /api/logs/cleanup": { days: 30 },
  "post /api/webhook/test": { event: "test", data: { message: "Hello" } },
  "post /api/webhook/send": { eventType: "order.paid", data: { order: 1042 } },
  "delete /api/webhook/logs": { days: 30 },
};
