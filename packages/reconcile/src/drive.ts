/** Runs a pass, a plan or a teardown to its end, showing each event, and returns what it returns. */
export async function drive<E, R>(running: AsyncGenerator<E, R>, show: (event: E) => void = () => {}): Promise<R> {
  let step = await running.next();
  while (step.done !== true) {
    show(step.value);
    step = await running.next();
  }
  return step.value;
}
