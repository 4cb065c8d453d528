/**
 * A delivery's public id. The store numbers deliveries over all tenants, for one queue in one order; a tenant who read
 * the numbers would know the traffic of the others. So the id is the number under a key: it says nothing of other ids,
 * and comes back to the number without a look-up.
 */
const HALF = 0xffffff;
const HALF_BITS = 24;
const ROUNDS = 6;
/** Crockford's Base32. @see https://www.crockford.com/base32.html */
const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";
/** 48 bits. The letter before them tells an id from the plain numbers of versions before. */
const PATTERN = /^dlv_k([0-9a-hjkmnp-tv-z]{10})$/;
const PLAIN = /^dlv_([1-9]\d{0,14})$/;

/** Of one store, and so of one process. */
let keys = roundKeys(new Uint8Array(32));
let isSet = false;

/**
 * Sets the key of the store that this process works with: 24 bytes or more. The first one stays, so that ids do not
 * change under those who have them.
 */
export function useDeliveryIdKey(key: Uint8Array): void {
  if (isSet) return;
  isSet = true;
  keys = roundKeys(key);
}

export function deliveryIdOf(number: number): string {
  let left = Math.floor(number / (HALF + 1)) & HALF;
  let right = number % (HALF + 1);
  for (let round = 0; round < ROUNDS; round++) [left, right] = [right, left ^ mixed(right, keys[round])];
  let text = "dlv_k";
  for (let shift = 45; shift >= 0; shift -= 5) text += DIGITS[bitsOf(left, right, shift) & 31];
  return text;
}

/** The number in a delivery's public id, or undefined when the text is not one. */
export function deliveryNumberOf(id: string): number | undefined {
  const plain = PLAIN.exec(id);
  if (plain !== null) return Number(plain[1]);
  const [, text] = PATTERN.exec(id) ?? [];
  if (text === undefined) return undefined;
  let whole = 0n;
  for (const digit of text) whole = (whole << 5n) | BigInt(DIGITS.indexOf(digit));
  if (whole >> 48n !== 0n) return undefined;
  let left = Number(whole >> BigInt(HALF_BITS));
  let right = Number(whole & BigInt(HALF));
  for (let round = ROUNDS - 1; round >= 0; round--) [left, right] = [right ^ mixed(left, keys[round]), left];
  const number = left * (HALF + 1) + right;
  return number === 0 ? undefined : number;
}

/** Bits of the number that both halves make, from this one up. */
function bitsOf(left: number, right: number, shift: number): number {
  if (shift >= HALF_BITS) return left >>> (shift - HALF_BITS);
  return (left << (HALF_BITS - shift)) | (right >>> shift);
}

/** 24 bits that depend on all of the half and of the key. */
function mixed(half: number, key: number): number {
  let bits = Math.imul(half ^ key, 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) & HALF;
}

function roundKeys(key: Uint8Array): readonly number[] {
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  return Array.from({ length: ROUNDS }, (_, round) => view.getUint32(round * 4));
}
