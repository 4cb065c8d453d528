/** How many connections to a port of this machine a process has, as Linux lists them. */
export async function socketsTo(pid: number, port: number): Promise<number> {
  const inodes = new Set<string>();
  for await (const { name } of Deno.readDir(`/proc/${pid}/fd`)) {
    const link = await Deno.readLink(`/proc/${pid}/fd/${name}`).catch(() => ""); // closed meanwhile
    const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = (await Deno.readTextFile(`/proc/${pid}/net/tcp`)).split("\n").map((line) =>
    line.trim().split(/\s+/)
  );
  return lines.filter((fields) => fields[2]?.endsWith(remote) && inodes.has(fields[9])).length;
}
