/** Waits until it holds, looking every few milliseconds; the last failure is what is thrown after 20 s. */
export async function eventually<T>(look: () => Promise<T> | T): Promise<T> {
  const end = performance.now() + 20_000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
