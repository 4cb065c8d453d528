// The gateway on a disk that stops taking flushes once the file that the last argument names is there.
const mark = Deno.args.at(-1) ?? "";
const syncData = Deno.FsFile.prototype.syncData;
Deno.FsFile.prototype.syncData = async function (): Promise<void> {
  const isBroken = await Deno.stat(mark).then(() => true, () => false);
  if (isBroken) throw new Error("Input/output error (os error 5)");
  await syncData.call(this);
};
Object.defineProperty(Deno, "args", { value: ["serve"] });
await import("../../src/main.ts");
