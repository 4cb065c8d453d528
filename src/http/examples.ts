const TO = "628000000142";
const CHAT = "628000000142@s.whatsapp.net";
const MESSAGE = "3EB0C431C26A1916E07E";
const WEBHOOK = "https://shop.example/webhook";
const CAPTION = { caption: "As promised" };
const DEVICE = "/v1/devices/{id}";

type Body = Readonly<Record<string, unknown>>;

/** A file of each kind of message; captions only where WhatsApp shows them. */
const FILES: readonly (readonly [kind: string, name: string, captioned: Body])[] = [
  ["media", "photo.jpg", CAPTION],
  ["image", "photo.jpg", CAPTION],
  ["video", "clip.mp4", CAPTION],
  ["audio", "song.mp3", {}],
  ["voice", "note.ogg", {}],
  ["document", "invoice.pdf", CAPTION],
  ["sticker", "sticker.webp", {}],
];

/** Messages of the same content, as instances name its parts. */
const INSTANCE_MESSAGES: Readonly<Record<string, Body>> = {
  text: { message: "Halo!" },
  location: { latitude: -6.1754, longitude: 106.8272, name: "Monas" },
  contact: { contactName: "Toko Maju", contactNumber: "628000000177" },
  poll: { question: "When shall we come?", options: ["Monday", "Tuesday"] },
  image: { imageUrl: "https://shop.example/photo.jpg", ...CAPTION },
  video: { videoUrl: "https://shop.example/clip.mp4", ...CAPTION },
  file: { fileUrl: "https://shop.example/invoice.pdf", fileName: "invoice.pdf" },
  voice: { audioUrl: "https://shop.example/note.ogg" },
};

/**
 * Bodies to start from, by method and path, where the parts of the schema do not make one by themselves. Each does at
 * once what its operation is for, and nothing besides: who copies it must not wonder what else it does.
 */
export const BODY_EXAMPLES: Readonly<Record<string, Body>> = {
  "post /v1/webhooks/{id}/rotate-secret": { keep_old_for: 86400 },
  "post /v1/deliveries/replay": { event: "message.received", since: 1764547200, dry_run: true },
  "post /v1/devices": { label: "Kasir 1", alias: "kasir-1" },
  [`put ${DEVICE}`]: { label: "Kasir 1" },
  [`patch ${DEVICE}`]: { label: "Kasir 1" },
  [`post ${DEVICE}/messages/text`]: { to: TO, text: "Halo!" },
  [`post ${DEVICE}/messages/location`]: { to: TO, latitude: -6.1754, longitude: 106.8272, name: "Monas" },
  [`post ${DEVICE}/messages/contact`]: {
    to: TO,
    contacts: [{ display_name: "Toko Maju", phone: "628000000177" }],
  },
  [`post ${DEVICE}/messages/poll`]: {
    to: TO,
    question: "When shall we come?",
    options: ["Monday", "Tuesday"],
  },
  [`post ${DEVICE}/messages/forward`]: { to: TO, message_id: MESSAGE },
  [`post ${DEVICE}/messages/reaction`]: { message_id: MESSAGE, emoji: "👍" },
  ...Object.fromEntries(FILES.map(([kind, name, captioned]) => [
    `post ${DEVICE}/messages/${kind}`,
    { to: TO, media_url: `https://shop.example/${name}`, ...captioned },
  ])),
  [`patch ${DEVICE}/messages/{messageId}`]: { text: "It costs 120,000" },
  [`put ${DEVICE}/messages/{messageId}`]: { text: "It costs 120,000" },
  [`post ${DEVICE}/messages/mark-read`]: { message_ids: [MESSAGE] },
  [`post ${DEVICE}/presence`]: { to: TO, type: "composing" },
  [`post ${DEVICE}/chats/{chat}/mark-read`]: { message_ids: [MESSAGE] },
  [`post ${DEVICE}/chats/{chat}/archive`]: { archive: true },
  [`post ${DEVICE}/chats/{chat}/mute`]: { mute: true, duration_ms: 28800000 },
  "post /v1/opt-outs": { person: TO, reason: "asked by phone" },
  "post /api/instance/create": { name: "Shop", id: "shop", webhookUrl: WEBHOOK },
  "put /api/instance/{id}": { name: "Shop", webhookUrl: WEBHOOK },
  "post /api/instance/{id}/pairing-code": { phoneNumber: TO },
  ...Object.fromEntries(
    Object.entries(INSTANCE_MESSAGES).map(([kind, content]) => [
      `post /api/message/send/${kind}`,
      { instanceId: "shop", to: TO, ...content },
    ]),
  ),
  "post /api/message/send/bulk": {
    instanceId: "shop",
    messages: [{ to: TO, message: "Halo!" }, { to: "628000000177", message: "Halo!" }],
  },
  "post /api/message/forward": { instanceId: "shop", to: TO, messageId: MESSAGE },
  "post /api/message/seen": { instanceId: "shop", chatId: CHAT },
  "post /api/message/typing/start": { instanceId: "shop", to: TO },
  "post /api/message/typing/stop": { instanceId: "shop", to: TO },
  "post /api/whatsapp/send-message": { to: TO, message: "Halo!" },
  "post /api/whatsapp/send-bulk": {
    messages: [{ to: TO, message: "Halo!" }, { to: "628000000177", message: "Halo!" }],
  },
  "post /api/messages/blast": {
    channels: ["whatsapp"],
    device: "shop",
    message: "Halo {{name}}, your order {{order}} is ready.",
    recipients: [
      { name: "Sari", phone: TO, variables: { order: 1042 } },
      { name: "Budi", phone: "628000000177", variables: { order: 1043 } },
    ],
  },
  "post /api/templates": { id: "reminder", name: "Reminder", body: "Halo {{name}}, tagihan {{amount}}" },
  "put /api/templates/{id}": { body: "Halo {{name}}, tagihan Anda {{amount}}" },
  "post /api/logs/cleanup": { days: 30 },
  "post /api/webhook/test": { eventType: "test", data: { message: "Hello" } },
  "post /api/webhook/send": { eventType: "order.paid", data: { order: 1042 } },
  "delete /api/webhook/logs": { days: 30 },
  "post /admin/tenants/{tenantId}/devices": { label: "Kasir 1", alias: "kasir-1" },
};

/** The same for bodies that are forms: `@name` is a file on the disk of whoever sends it. */
export const FORM_EXAMPLES: Readonly<Record<string, Body>> = {
  ...Object.fromEntries(FILES.map(([kind, name, captioned]) => [
    `post ${DEVICE}/messages/${kind}`,
    { to: TO, file: `@${name}`, ...captioned },
  ])),
  "post /api/whatsapp/send-media": { to: TO, media: "@photo.jpg", ...CAPTION },
};
