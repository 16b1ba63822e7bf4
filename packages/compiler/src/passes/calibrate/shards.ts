import type { Draws } from '@neuroprint/core';

/** Rows of a shard in a batch at least, so that the kernel is at work; shards at most. */
const LEAST_ROWS = 16;
const MOST_SHARDS = 8;

/**
 * Rows 0 to rows − 1 in shards that are summed by themselves: row r belongs to shard r modulo their number, which depends on the rows alone.
 * A batch has equally many of each.
 */
export class Shards {
  readonly #shards: readonly Int32Array[];
  readonly #each: number;

  constructor(rows: number, batchRows: number) {
    const count = Math.max(1, Math.min(MOST_SHARDS, Math.floor(Math.min(rows, batchRows) / LEAST_ROWS)));
    this.#each = Math.ceil(batchRows / count);
    this.#shards = Array.from({ length: count }, (_, s) =>
      Int32Array.from({ length: Math.ceil((rows - s) / count) }, (_, k) => k * count + s),
    );
  }

  /** The rows of every shard. */
  inOrder(): readonly Int32Array[] {
    return this.#shards;
  }

  /** Batches without end: in every epoch each row once, in an order of its own. */
  *batches(order: Draws): Generator<readonly Int32Array[], never> {
    for (let epoch = 0; ; epoch += 1) {
      const mixed = this.#shards.map((rows, s) =>
        order.permutation(epoch * this.#shards.length + s, rows.length).map((k) => rows[k]!),
      );
      for (let from = 0; from < mixed[0]!.length; from += this.#each)
        yield mixed.map((rows) => rows.subarray(from, from + this.#each));
    }
  }
}
