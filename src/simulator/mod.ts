// The WhatsApp network on loopback that tests, `kabar demo` and `kabar simulate` run against.
export type {
  Chat,
  HistoryChat,
  HistoryMessage,
  Person,
  ReceiptKind,
  Received,
  SendingDevice,
  SendOptions,
  Target,
} from "./people/chat.ts";
export { Contact } from "./people/contact.ts";
export * as content from "./people/content.ts";
export { type ControlServer, type ControlSettings, startControlServer } from "./control/control.ts";
export { Group } from "./people/group.ts";
export { LinkedDevice } from "./people/linked_device.ts";
export type { Faults, LoginFailure } from "./people/network.ts";
export type { HistoryAnswers, PlaceholderAnswers } from "./people/peer_answers.ts";
export { bigHistory, type HistoryKind, type HistoryPage, stranger } from "./people/history.ts";
export { VirtualPhone } from "./people/phone.ts";
export { type RawField, withFields } from "./people/unknown_fields.ts";
export type { MediaFault } from "./wire/media_faults.ts";
export { mediaOf, wordsOf } from "./people/reading.ts";
export { castOf } from "./replay/cast.ts";
export { replay, type Replayed } from "./replay/replay.ts";
export { simulate, type SimulateSettings } from "./simulate.ts";
export { type SimulatorOptions, WhatsAppSimulator } from "./server/server.ts";
