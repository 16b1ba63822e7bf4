/** Resistors between nodes that are numbered as they come; those between the same nodes are one. */
export class ResistorGraph {
  readonly #neighbours: Map<number, number>[] = [];
  readonly #parent: number[] = [];

  /** A new node. */
  add(): number {
    this.#neighbours.push(new Map());
    this.#parent.push(this.#parent.length);
    return this.#parent.length - 1;
  }

  /** The node that stands for a node since it became one with others. */
  find(node: number): number {
    let root = node;
    while (this.#parent[root] !== root) root = this.#parent[root]!;
    for (let at = node; at !== root; ) {
      const next = this.#parent[at]!;
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }

  connect(a: number, b: number, siemens: number): void {
    const [p, q] = [this.find(a), this.find(b)];
    if (p === q) return;
    const [ofP, ofQ] = [this.#neighbours[p]!, this.#neighbours[q]!];
    ofP.set(q, (ofP.get(q) ?? 0) + siemens);
    ofQ.set(p, (ofQ.get(p) ?? 0) + siemens);
  }

  /** Two nodes become one. */
  join(a: number, b: number): void {
    const [keep, drop] = [this.find(a), this.find(b)];
    if (keep === drop) return;
    const old = this.#neighbours[drop]!;
    this.#parent[drop] = keep;
    this.#neighbours[drop] = new Map();
    for (const [other, siemens] of old) {
      this.#neighbours[other]!.delete(drop);
      if (other !== keep) this.connect(keep, other, siemens);
    }
    this.#neighbours[keep]!.delete(drop);
  }

  /**
   * Leaves out, exactly, every node that is not kept and has one neighbour (a dead end) or two (a resistor with the next one in series).
   * `kept` are nodes into which currents flow; of those `probed` it is the voltage that is asked for, so that at a dead end they become one with their
   * neighbour. Both are nodes that stand for themselves, and `probed` grows.
   */
  reduce(kept: ReadonlySet<number>, probed: Set<number>): void {
    const open = [...this.#neighbours.keys()];
    while (open.length > 0) {
      const node = open.pop()!;
      if (this.#parent[node] !== node || kept.has(node)) continue;
      const around = [...this.#neighbours[node]!];
      if (around.length === 1) {
        const [other] = around[0]!;
        this.#neighbours[other]!.delete(node);
        this.#neighbours[node] = new Map();
        if (probed.has(node)) {
          this.#parent[node] = other;
          probed.add(other);
        }
        open.push(other);
      } else if (around.length === 2 && !probed.has(node)) {
        const [[a, g], [b, h]] = around as [[number, number], [number, number]];
        for (const [other] of around) this.#neighbours[other]!.delete(node);
        this.#neighbours[node] = new Map();
        this.connect(a, b, (g * h) / (g + h));
        open.push(a, b);
      }
    }
  }

  /** Siemens between two nodes that are neighbours, infinite where they are one; undefined where they are neither. */
  between(a: number, b: number): number | undefined {
    const [p, q] = [this.find(a), this.find(b)];
    return p === q ? Number.POSITIVE_INFINITY : this.#neighbours[p]!.get(q);
  }

  /** Nodes that have resistors, and all resistors, each once. */
  resistors(): { readonly nodes: readonly [number, number]; readonly siemens: number }[] {
    return this.#neighbours.flatMap((around, node) =>
      [...around].flatMap(([other, siemens]) =>
        other > node ? [{ nodes: [node, other] as [number, number], siemens }] : [],
      ),
    );
  }
}
