let addresses = 0;

/**
 * Posts what another WhatsApp server posts when somebody has written. A 200 means that it is stored. Every call seems
 * to come from an address of its own (the gateway trusts 127.0.0.1 as a proxy), for each has a limit.
 */
export async function tellOfMessage(url: string, messageId: string): Promise<number> {
  const from = "6281234567890@c.us";
  const message = {
    id: { fromMe: false, remote: from, id: messageId, _serialized: `false_${from}_${messageId}` },
    body: "halo",
    type: "chat",
    timestamp: Math.floor(Date.now() / 1000),
    from,
    to: "628999@c.us",
    fromMe: false,
  };
  const number = ++addresses;
  const response = await fetch(`${url}/api/whatsapp/webhook`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-forwarded-for": `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    },
    body: JSON.stringify({ sessionId: "shop", event: "message", data: { message } }),
  });
  await response.body?.cancel();
  return response.status;
}

/** Settings of a gateway that is called so. */
export const INBOUND_ENV = { TRUST_PROXY: "127.0.0.1", RECEIVERS_OPEN: "true" };
