/** Work that is under way once for all who ask for it by one name; who asks after its end has it done again. */
export type Shared<T> = (name: string, work: () => Promise<T>) => Promise<T>;

export function createShared<T>(): Shared<T> {
  const underway = new Map<string, Promise<T>>();
  return (name, work) => {
    const begun = underway.get(name);
    if (begun !== undefined) return begun;
    const answer = work().finally(() => underway.delete(name));
    underway.set(name, answer);
    return answer;
  };
}
