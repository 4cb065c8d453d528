import { proto } from "@whiskeysockets/baileys";
import type { Content } from "../../../events/content.ts";
import type { Jid } from "../../../events/person.ts";
import { plainJid } from "../../jid.ts";
import { present } from "../../../events/present.ts";
import { fromSeconds, numberOf } from "./time.ts";

type Message = proto.IMessage;

const { PIN_FOR_ALL } = proto.Message.PinInChatMessage.Type;
/** Amounts are told in thousandths. */
const THOUSANDTHS = 1_000;

type AddressFor = (jid: string) => Jid;

/** What is neither words nor a file: events, invitations, goods, pins. */
export function thingOf(message: Message, addressFor: AddressFor): Content | undefined {
  return eventOf(message) ?? inviteOf(message) ?? productOf(message, addressFor) ??
    orderOf(message, addressFor) ?? pinOf(message) ?? sealedOf(message);
}

function eventOf({ eventMessage: event }: Message): Content | undefined {
  if (!event) return undefined;
  const place = [event.location?.name, event.location?.address].filter((line) => line).join(", ");
  return {
    kind: "event",
    name: event.name ?? "",
    startsAt: fromSeconds(event.startTime),
    ...present({
      endsAt: fromSeconds(event.endTime) || undefined,
      description: event.description || undefined,
      place: place || undefined,
      link: event.joinLink || undefined,
      canceled: event.isCanceled || undefined,
    }),
  };
}

function inviteOf({ groupInviteMessage: invite }: Message): Content | undefined {
  if (!invite?.groupJid) return undefined;
  return {
    kind: "group_invite",
    group: plainJid(invite.groupJid),
    name: invite.groupName ?? "",
    code: invite.inviteCode ?? "",
    ...present({
      expiresAt: fromSeconds(invite.inviteExpiration) || undefined,
      text: invite.caption || undefined,
    }),
  };
}

function productOf({ productMessage }: Message, addressFor: AddressFor): Content | undefined {
  const product = productMessage?.product;
  if (!product) return undefined;
  const price = numberOf(product.salePriceAmount1000) || numberOf(product.priceAmount1000);
  return {
    kind: "product",
    productId: product.productId ?? "",
    title: product.title ?? "",
    ...present({
      description: product.description || undefined,
      ...amount("price", price, product.currencyCode),
      url: product.url || undefined,
      seller: jidOf(productMessage.businessOwnerJid, addressFor),
      text: productMessage.body || undefined,
    }),
  };
}

function orderOf({ orderMessage: order }: Message, addressFor: AddressFor): Content | undefined {
  if (!order?.orderId) return undefined;
  return {
    kind: "order",
    orderId: order.orderId,
    itemCount: order.itemCount ?? 0,
    ...present({
      title: order.orderTitle || undefined,
      ...amount("total", numberOf(order.totalAmount1000), order.totalCurrencyCode),
      seller: jidOf(order.sellerJid, addressFor),
      text: order.message || undefined,
      token: order.token || undefined,
    }),
  };
}

function pinOf({ pinInChatMessage: pin }: Message): Content | undefined {
  const pinnedMessageId = pin?.key?.id;
  if (!pinnedMessageId) return undefined;
  return { kind: "pin", pinnedMessageId, pinned: pin.type === PIN_FOR_ALL };
}

/** Answers that nobody could open. */
function sealedOf({ pollUpdateMessage, encEventResponseMessage }: Message): Content | undefined {
  const pollMessageId = pollUpdateMessage?.pollCreationMessageKey?.id;
  if (pollMessageId) return { kind: "poll_vote", pollMessageId, options: null };
  const eventMessageId = encEventResponseMessage?.eventCreationMessageKey?.id;
  return eventMessageId ? { kind: "event_response", eventMessageId, response: null } : undefined;
}

function amount<N extends string>(name: N, thousandths: number, currency: string | null | undefined) {
  if (thousandths === 0) return {};
  return present({ [name]: thousandths / THOUSANDTHS, currency: currency || undefined });
}

function jidOf(jid: string | null | undefined, addressFor: AddressFor): Jid | undefined {
  return jid ? addressFor(jid) : undefined;
}
