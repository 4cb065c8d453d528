/**
 * Lets whoever owns a folder own what a command adds to it or replaces, as when root repairs the data of a service's
 * user. Called before the command writes; the returned function is called after.
 * @throws {Error} If a new file cannot be handed over: the gateway could not open it.
 */
export async function keepingOwner(folder: string): Promise<() => Promise<void>> {
  const owner = await Deno.stat(folder).catch(() => undefined);
  if (owner === undefined || Deno.build.os === "windows") return () => Promise.resolve();
  const before = await filesIn(folder);
  return async () => {
    for (const [path, { uid, ino }] of await filesIn(folder)) {
      if (uid !== owner.uid && ino !== before.get(path)?.ino) await Deno.chown(path, owner.uid, owner.gid);
    }
  };
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, Deno.FileInfo>> {
  const files = new Map<string, Deno.FileInfo>();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) files.set(`${folder}/${name}`, await Deno.stat(`${folder}/${name}`));
  }
  return files;
}
