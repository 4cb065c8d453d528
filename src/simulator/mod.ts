// The WhatsApp network on loopback that tests, `kabar demo` and `kabar simulate` run against.
export { Contact, type Received, type SendOptions, type Target } from "./contact.ts";
export { Group, type Member } from "./group.ts";
export { LinkedDevice } from "./linked_device.ts";
export type { Faults } from "./network.ts";
export { type HistoryChat, VirtualPhone } from "./phone.ts";
export { type SimulatorOptions, WhatsAppSimulator } from "./server.ts";
