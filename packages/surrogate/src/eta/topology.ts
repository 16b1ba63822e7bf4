/** What of a cell's netlist decides which component values matter together; `elements` as in technology.json. */
export interface CellTopology {
  readonly elements: readonly TopologyElement[];
  /** Names of the supply nodes, whose voltage is given. */
  readonly supplies: readonly string[];
}

export type TopologyElement =
  | { readonly kind: 'resistor'; readonly nodes: readonly [string, string]; readonly ohms: string }
  | {
      readonly kind: 'transistor';
      readonly drain: string;
      readonly gate: string;
      readonly source: string;
      readonly width: string;
      readonly length: string;
    }
  | { readonly kind: 'opamp'; readonly plus: string; readonly minus: string; readonly output: string };

export type Exponents = Readonly<Record<string, number>>;

/**
 * The monomials of component values by which alone a cell's unloaded direct-current curve can depend on them.
 *
 * Kirchhoff's law at a node is Σ currents = 0, and every current is proportional to 1/R or to W/L at given voltages.
 * So all conductances around one inner node, and those around the nodes it is joined to, can be multiplied by one
 * factor without any effect; gates draw no current and join nothing. Of every such group of conductances only the
 * ratios matter: R1/R2, R3/R4, R2/R5 and R5·W/L for the falling stage of `egt-date23`.
 */
export function conductanceRatios(topology: CellTopology): Exponents[] {
  const driven = topology.elements.flatMap((element) => (element.kind === 'opamp' ? [element.output] : []));
  const given = new Set(['0', 'in', ...topology.supplies, ...driven]);
  const parts = topology.elements.flatMap((element) => {
    if (element.kind === 'opamp') return [];
    const nodes = element.kind === 'resistor' ? element.nodes : [element.drain, element.source];
    return { exponents: conductance(element), nodes: nodes.filter((node) => !given.has(node)) };
  });
  const groups: { nodes: Set<string>; members: Exponents[] }[] = [];
  for (const { exponents, nodes } of parts) {
    const joined = groups.filter((group) => nodes.some((node) => group.nodes.has(node)));
    for (const group of joined) groups.splice(groups.indexOf(group), 1);
    groups.push({
      nodes: new Set([...joined.flatMap((group) => [...group.nodes]), ...nodes]),
      members: [...joined.flatMap((group) => group.members), exponents],
    });
  }
  return groups.flatMap(({ members }) => members.slice(1).map((member, i) => ratio(member, members[i]!)));
}

/** 1/R or W/L. */
function conductance(element: Exclude<TopologyElement, { kind: 'opamp' }>): Exponents {
  return element.kind === 'resistor' ? { [element.ohms]: -1 } : { [element.width]: 1, [element.length]: -1 };
}

function ratio(numerator: Exponents, denominator: Exponents): Exponents {
  const result: Record<string, number> = {};
  for (const [name, power] of Object.entries(denominator)) result[name] = (result[name] ?? 0) - power;
  for (const [name, power] of Object.entries(numerator)) result[name] = (result[name] ?? 0) + power;
  return Object.fromEntries(Object.entries(result).filter(([, power]) => power !== 0));
}
