/** Steps and seconds that a guess rests on at least: the first steps of work are not like the others. */
const LEAST_STEPS = 3;
const LEAST_SHARE = 0.02;
const LEAST_SECONDS = 2;

/** How long work goes on, from a sample of its own: a part that counts anew, or is of another size, is measured anew. */
export class TimeLeft {
  #since: { readonly seconds: number; readonly done: number } | undefined;
  #done = 0;
  #total = 0;

  /** Seconds that are left of `total` steps with `done` of them done at `seconds`; undefined where it is too early to say. */
  at(seconds: number, done: number, total: number): number | undefined {
    if (this.#since === undefined || total !== this.#total || done < this.#done) this.#since = { seconds, done };
    this.#done = done;
    this.#total = total;
    const [steps, spent] = [done - this.#since.done, seconds - this.#since.seconds];
    const isSample = steps >= Math.max(LEAST_STEPS, LEAST_SHARE * total) && spent >= LEAST_SECONDS;
    return total > 0 && isSample ? (spent / steps) * (total - done) : undefined;
  }
}
