import type { Graph, Node } from './graph.ts';

/** ∂node/∂symbol, in the same graph: what value and derivative share is one node. */
export function derive(graph: Graph, node: Node, symbol: string, done = new Map<Node, Node>()): Node {
  const known = done.get(node);
  if (known !== undefined) return known;
  const slopes = node.of.map((one) => derive(graph, one, symbol, done));
  const result = slope(graph, node, slopes, symbol);
  done.set(node, result);
  return result;
}

function slope(graph: Graph, node: Node, slopes: readonly Node[], symbol: string): Node {
  const [a, b] = node.of as [Node, Node];
  const [da, db, dYes, dNo] = slopes as [Node, Node, Node, Node];
  const one = graph.constant(1);
  switch (node.op) {
    case 'constant':
      return graph.constant(0);
    case 'symbol':
      return graph.constant(node.name === symbol ? 1 : 0);
    case 'add':
      return graph.add(da, db);
    case 'sub':
      return graph.sub(da, db);
    case 'neg':
      return graph.neg(da);
    case 'mul':
      return graph.add(graph.mul(da, b), graph.mul(a, db));
    case 'div':
      return graph.sub(graph.div(da, b), graph.div(graph.mul(node, db), b));
    case 'pow':
      return graph.add(
        graph.mul(graph.mul(b, graph.pow(a, graph.sub(b, one))), da),
        graph.mul(graph.mul(node, graph.call('ln', a)), db),
      );
    case 'exp':
      return graph.mul(node, da);
    case 'ln':
      return graph.div(da, a);
    case 'sqrt':
      return graph.div(graph.mul(graph.constant(0.5), da), node);
    case 'tanh':
      return graph.mul(graph.sub(one, graph.mul(node, node)), da);
    case 'abs':
      return graph.call('ifless', a, graph.constant(0), graph.neg(da), da);
    case 'min':
      return graph.call('ifless', a, b, da, db);
    case 'max':
      return graph.call('ifless', b, a, da, db);
    case 'softplus':
      return graph.mul(graph.call('logistic', a), da);
    case 'logistic':
      return graph.mul(graph.mul(node, graph.sub(one, node)), da);
    case 'ifless':
      return graph.call('ifless', a, b, dYes, dNo);
    case 'table':
      return graph.mul(graph.table('slope', node.name, a), da);
    case 'slope':
      throw new Error('a table has no second derivative');
  }
}
