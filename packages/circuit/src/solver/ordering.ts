/**
 * The order in which unknowns are eliminated so that few entries are filled in: approximate minimum degree on a quotient graph
 * (Amestoy, Davis and Duff, SIAM J. Matrix Anal. Appl. 17:886, 1996). Eliminated unknowns become elements, which stand for the
 * clique of their neighbours; unknowns with the same neighbours are one; degrees are bounds. Time grows about as the number of
 * entries does. The same pattern has the same order always.
 *
 * @param neighbours of each unknown, symmetric: every neighbour once, never the unknown itself. The lists are used up.
 */
export function minimumDegreeOrder(neighbours: number[][]): Int32Array {
  return new QuotientGraph(neighbours).order();
}

class QuotientGraph {
  readonly #size: number;
  /** Neighbours of each unknown that no element stands for. */
  readonly #variables: number[][];
  /** Elements at each unknown. */
  readonly #elements: number[][];
  /** Unknowns of each element; undefined: not one, or absorbed by another. */
  readonly #members: (number[] | undefined)[];
  /** Unknowns in the members of each element. */
  readonly #memberCount: Int32Array;
  /** Unknowns that each unknown stands for; 0: eliminated, or one with another. */
  readonly #weight: Int32Array;
  readonly #merged: (number[] | undefined)[];
  readonly #degrees: DegreeLists;
  /** The round in which an unknown was last seen in a front, and an element's count outside of it was made. */
  readonly #seen: Int32Array;
  readonly #counted: Int32Array;
  readonly #outside: Int32Array;
  readonly #order: Int32Array;
  #placed = 0;
  #round = 0;

  constructor(neighbours: number[][]) {
    const size = neighbours.length;
    this.#size = size;
    this.#variables = neighbours;
    this.#elements = Array.from({ length: size }, () => []);
    this.#members = new Array<undefined>(size).fill(undefined);
    this.#merged = new Array<undefined>(size).fill(undefined);
    this.#memberCount = new Int32Array(size);
    this.#weight = new Int32Array(size).fill(1);
    this.#seen = new Int32Array(size);
    this.#counted = new Int32Array(size);
    this.#outside = new Int32Array(size);
    this.#order = new Int32Array(size);
    this.#degrees = new DegreeLists(size);
    for (let i = size - 1; i >= 0; i -= 1) this.#degrees.add(i, neighbours[i]!.length);
  }

  order(): Int32Array {
    while (this.#placed < this.#size) this.#eliminate(this.#degrees.takeLowest());
    return this.#order;
  }

  #eliminate(pivot: number): void {
    this.#round += 1;
    const front = this.#frontOf(pivot);
    this.#place(pivot);
    this.#countOutside(front);
    let count = 0;
    for (const v of front) count += this.#weight[v]!;
    const before = new Map<number, number[]>();
    const bounds: number[] = [];
    for (const v of front) {
      const bound = this.#update(v, pivot, before);
      bounds.push(bound);
      if (bound >= 0) continue;
      // no neighbour beside the pivot's: eliminated with it, without any fill
      count -= this.#weight[v]!;
      this.#place(v);
    }
    for (const alike of before.values()) if (alike.length > 1) this.#mergeAlike(alike);
    this.#members[pivot] = front.filter((v) => this.#weight[v]! > 0);
    this.#memberCount[pivot] = count;
    const left = this.#size - this.#placed;
    front.forEach((v, k) => {
      const weight = this.#weight[v]!;
      if (weight === 0) return;
      const others = count - weight;
      this.#degrees.add(v, Math.min(left - weight, this.#degrees.of(v) + others, bounds[k]! + others));
    });
  }

  /** The unknowns that the pivot ties together, taken out of their lists; elements of the pivot are absorbed. */
  #frontOf(pivot: number): number[] {
    const front: number[] = [];
    const meet = (v: number): void => {
      if (v === pivot || this.#weight[v] === 0 || this.#seen[v] === this.#round) return;
      this.#seen[v] = this.#round;
      this.#degrees.remove(v);
      front.push(v);
    };
    this.#variables[pivot]!.forEach(meet);
    for (const element of this.#elements[pivot]!) {
      this.#members[element]?.forEach(meet);
      this.#members[element] = undefined;
    }
    this.#variables[pivot] = [];
    this.#elements[pivot] = [];
    return front;
  }

  /** Puts an unknown, and those that it stands for, next in the order. */
  #place(unknown: number): void {
    this.#weight[unknown] = 0;
    const waiting = [unknown];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      this.#order[this.#placed] = next;
      this.#placed += 1;
      waiting.push(...(this.#merged[next] ?? []));
    }
  }

  /** Per element that touches the front: unknowns that it has outside of the front. */
  #countOutside(front: readonly number[]): void {
    for (const v of front)
      for (const element of this.#elements[v]!) {
        if (this.#members[element] === undefined) continue;
        if (this.#counted[element] !== this.#round) {
          this.#counted[element] = this.#round;
          this.#outside[element] = this.#memberCount[element]!;
        }
        this.#outside[element]! -= this.#weight[v]!;
      }
  }

  /** Takes the pivot as an element of `v`; returns a bound on the neighbours that `v` has outside of the front, −1: none. */
  #update(v: number, pivot: number, alike: Map<number, number[]>): number {
    let bound = 0;
    let hash = pivot;
    const elements = [pivot];
    for (const element of this.#elements[v]!) {
      if (this.#members[element] === undefined) continue;
      if (this.#outside[element] === 0) {
        this.#members[element] = undefined;
        continue;
      }
      elements.push(element);
      bound += this.#outside[element]!;
      hash += element;
    }
    const variables: number[] = [];
    for (const u of this.#variables[v]!) {
      if (this.#weight[u] === 0 || this.#seen[u] === this.#round) continue;
      variables.push(u);
      bound += this.#weight[u]!;
      hash += u;
    }
    this.#elements[v] = elements;
    this.#variables[v] = variables;
    if (elements.length === 1 && variables.length === 0) return -1;
    const list = alike.get(hash);
    if (list === undefined) alike.set(hash, [v]);
    else list.push(v);
    return bound;
  }

  /** Unknowns with the same neighbours become one. */
  #mergeAlike(candidates: readonly number[]): void {
    for (let a = 0; a < candidates.length; a += 1) {
      const kept = candidates[a]!;
      if (this.#weight[kept] === 0) continue;
      for (let b = a + 1; b < candidates.length; b += 1) {
        const other = candidates[b]!;
        if (this.#weight[other] === 0 || !this.#haveSameNeighbours(kept, other)) continue;
        this.#weight[kept]! += this.#weight[other]!;
        this.#weight[other] = 0;
        this.#merged[kept] ??= [];
        this.#merged[kept].push(other);
        this.#variables[other] = [];
        this.#elements[other] = [];
      }
    }
  }

  #haveSameNeighbours(a: number, b: number): boolean {
    return isSameSet(this.#elements[a]!, this.#elements[b]!) && isSameSet(this.#variables[a]!, this.#variables[b]!);
  }
}

function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  if (a.length < 8) return a.every((value) => b.includes(value));
  const all = new Set(a);
  return b.every((value) => all.has(value));
}

/** Unknowns by degree, in doubly linked lists. */
class DegreeLists {
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #degree: Int32Array;
  #lowest = 0;

  constructor(size: number) {
    this.#first = new Int32Array(size + 1).fill(-1);
    this.#next = new Int32Array(size).fill(-1);
    this.#previous = new Int32Array(size).fill(-1);
    this.#degree = new Int32Array(size);
  }

  /** The degree that an unknown had when it was last in a list. */
  of(unknown: number): number {
    return this.#degree[unknown]!;
  }

  add(unknown: number, degree: number): void {
    const first = this.#first[degree]!;
    this.#degree[unknown] = degree;
    this.#next[unknown] = first;
    this.#previous[unknown] = -1;
    if (first >= 0) this.#previous[first] = unknown;
    this.#first[degree] = unknown;
    this.#lowest = Math.min(this.#lowest, degree);
  }

  remove(unknown: number): void {
    const [next, previous] = [this.#next[unknown]!, this.#previous[unknown]!];
    if (previous >= 0) this.#next[previous] = next;
    else this.#first[this.#degree[unknown]!] = next;
    if (next >= 0) this.#previous[next] = previous;
  }

  takeLowest(): number {
    while (this.#first[this.#lowest]! < 0) this.#lowest += 1;
    const unknown = this.#first[this.#lowest]!;
    this.remove(unknown);
    return unknown;
  }
}
