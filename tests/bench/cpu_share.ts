/** One period of the scheduler: short, so that a process that has used its share soon goes on. */
const PERIOD_US = 4_000;
const ROOT = "/sys/fs/cgroup";

/**
 * Holds each of these processes to a share of one core, as if it had a slower machine of its own: what it takes is not
 * taken from the others. Undefined where that cannot be had (Linux only, as root, with control groups to write to).
 * Dispose of it after the processes have ended.
 */
export async function holdTo(pids: readonly number[], share: number): Promise<AsyncDisposable | undefined> {
  const made: string[] = [];
  const release = async () => {
    for (const group of made) await Deno.remove(group).catch(() => {}); // one that is not empty yet does no harm
  };
  try {
    for (const pid of pids) {
      const group = await groupOf(pid, share);
      made.push(group);
      await Deno.writeTextFile(`${group}/cgroup.procs`, String(pid));
    }
  } catch {
    await release();
    return undefined;
  }
  return { [Symbol.asyncDispose]: release };
}

/** Makes a group with this share of a core; in either version of control groups. */
async function groupOf(pid: number, share: number): Promise<string> {
  const quota = String(Math.round(PERIOD_US * share));
  if (await Deno.stat(`${ROOT}/cgroup.controllers`).then(() => true, () => false)) {
    await Deno.writeTextFile(`${ROOT}/cgroup.subtree_control`, "+cpu");
    const group = `${ROOT}/kabar-bench-${pid}`;
    await Deno.mkdir(group);
    await Deno.writeTextFile(`${group}/cpu.max`, `${quota} ${PERIOD_US}`);
    return group;
  }
  const group = `${ROOT}/cpu/kabar-bench-${pid}`;
  await Deno.mkdir(group);
  await Deno.writeTextFile(`${group}/cpu.cfs_period_us`, String(PERIOD_US));
  await Deno.writeTextFile(`${group}/cpu.cfs_quota_us`, quota);
  return group;
}
