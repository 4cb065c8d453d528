// The WhatsApp network on loopback that tests, `kabar demo` and `kabar simulate` run against.
export type { Chat, Person, ReceiptKind, Received, SendOptions, Target } from "./chat.ts";
export { Contact } from "./contact.ts";
export * as content from "./content.ts";
export { type ControlServer, type ControlSettings, startControlServer } from "./control.ts";
export { Group } from "./group.ts";
export { LinkedDevice } from "./linked_device.ts";
export type { Faults } from "./network.ts";
export { type HistoryChat, VirtualPhone } from "./phone.ts";
export { mediaOf, wordsOf } from "./reading.ts";
export { simulate, type SimulateSettings } from "./simulate.ts";
export { type SimulatorOptions, WhatsAppSimulator } from "./server.ts";
