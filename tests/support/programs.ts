// What tests that start programs need to know.

/** Whether a program is on this machine: by its path, or by its name in PATH. */
export function isInstalled(program: string): boolean {
  if (program.includes("/")) return isFile(program);
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(`${folder}/${program}`));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Below the ports that systems give to outgoing connections: one of those may take any of theirs at any time. */
const PORTS = { first: 10_000, count: 22_000 };

/** A port that nobody listens on now. */
export function freePort(): number {
  while (true) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
