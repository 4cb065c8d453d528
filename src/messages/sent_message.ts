import type { DeviceId } from "../ids.ts";
import type { Messages, OutgoingMessage } from "../store/messages.ts";

/**
 * A message that was sent through a device.
 * @param id Ours (`msg_…`), or WhatsApp's.
 */
export async function sentMessage(
  messages: Pick<Messages, "get" | "byWaMessageId">,
  deviceId: DeviceId,
  id: string,
): Promise<OutgoingMessage | undefined> {
  const found = id.startsWith("msg_") ? await messages.get(id) : await messages.byWaMessageId(id, deviceId);
  return found?.deviceId === deviceId ? found : undefined;
}
