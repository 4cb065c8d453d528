// Servers that speak Postgres' protocol as far as a refusal: those that cannot be had from Debian's packages.

interface RefusingServer extends AsyncDisposable {
  readonly url: string;
}

const encoder = new TextEncoder();

/** A message of the server: its type, its length, its body. @see PostgreSQL, "Message Formats" */
function message(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = bytesOf(...parts);
  return bytesOf(encoder.encode(type), int32(body.length + 4), body);
}

function bytesOf(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function int16(value: number): Uint8Array {
  return int32(value).subarray(2);
}

const text = (value: string) => encoder.encode(`${value}\0`);

const LET_IN = message("R", int32(0));
const READY = message("Z", encoder.encode("I"));

/** Answers the first thing that comes with one message, and what comes next with another. */
function serving(first: Uint8Array, next: Uint8Array): RefusingServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  async function talk(conn: Deno.Conn): Promise<void> {
    open.add(conn);
    const buffer = new Uint8Array(4_096);
    for (const answer of [first, next]) {
      if (await conn.read(buffer) === null) return;
      await conn.write(answer);
    }
    while (await conn.read(buffer) !== null);
  }
  const taking = (async () => {
    for await (const conn of listener) talk(conn).catch(() => {}); // the other side has heard enough
  })();
  return {
    url: `postgres://kabar@127.0.0.1:${(listener.addr as Deno.NetAddr).port}/kabar`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await taking;
      for (const conn of open) conn.close();
    },
  };
}

/** PostgreSQL 13, by what it says when it is asked. */
export function oldServer(): RefusingServer {
  const columns = [["version", 23, "130020"], ["is_replica", 16, "f"], ["encoding", 19, "UTF8"]] as const;
  const described = columns.map(([name, type]) =>
    bytesOf(text(name), int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0))
  );
  const values = columns.map(([, , value]) => bytesOf(int32(value.length), encoder.encode(value)));
  return serving(
    bytesOf(LET_IN, READY),
    bytesOf(
      message("T", int16(columns.length), ...described),
      message("D", int16(columns.length), ...values),
      message("C", text("SELECT 1")),
      READY,
    ),
  );
}

/** A server that wants a password, and another one than it is given. */
export function strictServer(): RefusingServer {
  const fields = [
    ["S", "FATAL"],
    ["V", "FATAL"],
    ["C", "28P01"],
    ["M", 'password authentication failed for user "kabar"'],
  ];
  const refusal = message(
    "E",
    ...fields.map(([kind, value]) => bytesOf(encoder.encode(kind), text(value))),
    encoder.encode("\0"),
  );
  return serving(message("R", int32(3)), refusal);
}
