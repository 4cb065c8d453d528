export const BLOCK_BYTES = 64;
export const DIGEST_BYTES = 32;
const ROUNDS = 64;

/** What a hash has come to after whole blocks: 8 words. */
export type Midstate = Int32Array;

const [CONSTANTS, INITIAL] = initialWords();
const schedule = new Int32Array(ROUNDS);
const state = new Int32Array(8);
const block = new Uint8Array(BLOCK_BYTES);

/**
 * SHA-256 of few bytes in plain TypeScript: for up to some hundred bytes, calling into the runtime costs far more than
 * the work itself. Writes the hash of all bytes, or of `length` of them, to `into`.
 * @param after What went before, in `blocks` whole blocks; left out: nothing.
 * @see FIPS 180-4
 */
export function sha256(
  data: Uint8Array,
  into: Uint8Array,
  { length = data.length, after = INITIAL, blocks = 0 }: {
    readonly length?: number;
    readonly after?: Midstate;
    readonly blocks?: number;
  } = {},
): void {
  state.set(after);
  let start = 0;
  for (; length - start >= BLOCK_BYTES; start += BLOCK_BYTES) compress(data, start);
  let filled = length - start;
  for (let index = 0; index < filled; index++) block[index] = data[start + index];
  block[filled++] = 0x80;
  if (filled > BLOCK_BYTES - 8) {
    block.fill(0, filled);
    compress(block, 0);
    filled = 0;
  }
  block.fill(0, filled);
  const bits = (blocks * BLOCK_BYTES + length) * 8; // what is hashed here is far shorter than 2^32 bits
  for (let index = 0; index < 4; index++) block[BLOCK_BYTES - 1 - index] = bits >>> (8 * index);
  compress(block, 0);
  for (let index = 0; index < DIGEST_BYTES; index++) {
    into[index] = state[index >> 2] >>> (24 - 8 * (index & 3));
  }
}

/** The state of a hash that has taken one block. */
export function afterBlock(first: Uint8Array): Midstate {
  state.set(INITIAL);
  compress(first, 0);
  return state.slice();
}

/** @see FIPS 180-4, 6.2.2 */
function compress(bytes: Uint8Array, start: number): void {
  for (let t = 0; t < 16; t++) {
    const at = start + 4 * t;
    schedule[t] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let t = 16; t < ROUNDS; t++) {
    const x = schedule[t - 15], y = schedule[t - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    schedule[t] = (schedule[t - 16] + s0 + schedule[t - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3];
  let e = state[4], f = state[5], g = state[6], h = state[7];
  for (let t = 0; t < ROUNDS; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + CONSTANTS[t] + schedule[t]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/**
 * The first 32 bits of the fractions of the cube roots of the first 64 primes, and of the square roots of the first 8.
 * @see FIPS 180-4, 4.2.2 and 5.3.3
 */
function initialWords(): readonly [Int32Array, Int32Array] {
  const primes: number[] = [];
  for (let n = 2; primes.length < ROUNDS; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  const fraction = (root: number) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  return [
    Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
  ];
}
