/** Thrown inside an evaluation that has used up what it was allowed. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';
}

/**
 * Counts the steps of one evaluation at a time. Once the limit is passed every further charge throws, so that what catches
 * an error inside the expression (`||`, `all`) cannot go on.
 */
export class Meter {
  #left = 0;
  #limit = 0;
  #error: CostExceeded | undefined;

  start(limit: number): void {
    this.#limit = limit;
    this.#left = limit;
    this.#error = undefined;
  }

  get spent(): number {
    return Math.min(this.#limit, this.#limit - this.#left);
  }

  get exceeded(): boolean {
    return this.#left < 0;
  }

  /** @throws {CostExceeded} */
  charge(cost: number): void {
    this.#left -= cost;
    // One error for all: what goes on catching it must not pay for a new one each time.
    if (this.#left < 0) throw (this.#error ??= new CostExceeded(`more than ${this.#limit} steps`));
  }

  /** One step, and what looking at such a value once costs: a tenth of a step for each character or item. */
  chargeFor(value: unknown): void {
    this.charge(typeof value === 'string' || Array.isArray(value) ? 1 + value.length / 10 : 1);
  }

  /** What comparing such a value costs: all of it is looked at. Stops counting at the limit. */
  chargeDeep(value: unknown): void {
    const waiting: unknown[] = [value];
    while (waiting.length > 0) {
      const one = waiting.pop();
      this.chargeFor(one);
      if (Array.isArray(one)) waiting.push(...(one as unknown[]));
      else if (one instanceof Map) waiting.push(...one.values());
    }
  }
}
