/** From now on: whether a time (epoch ms, or whole seconds in ms) lies between then and the moment of asking. */
export function since(): (at: number) => boolean {
  const began = Math.floor(Date.now() / 1_000) * 1_000;
  return (at) => at >= began && at <= Date.now();
}
