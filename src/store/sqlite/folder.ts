import { dirname } from "node:path";

/** Makes the names in a file's folder last: a renaming is on the disk only when its folder is. */
export function syncFolderOf(path: string): void {
  if (Deno.build.os === "windows") return; // folders are not opened there, and renamings are journalled
  const folder = Deno.openSync(dirname(path));
  try {
    folder.syncSync();
  } finally {
    folder.close();
  }
}
