/** Lines that somebody types, for as long as the signal is not aborted. Ends at once where nothing can be typed. */
export async function* typedLines(
  input: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const text of input.pipeThrough(new TextDecoderStream(), { signal })) {
      rest += text;
      const lines = rest.split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
