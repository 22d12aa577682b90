/** A directed graph over `0 … length − 1`: for each node the nodes that its edges lead to. */
export type Graph = readonly (readonly number[])[];

/**
 * The strongly connected components: maximal groups of nodes of which each reaches all others. Every node is in exactly one. Tarjan's
 * algorithm, on a stack of its own: a chain of 100,000 nodes must not overflow the call stack.
 */
export function stronglyConnected(graph: Graph): number[][] {
  const order = new Int32Array(graph.length).fill(-1);
  const low = new Int32Array(graph.length);
  const open = new Uint8Array(graph.length);
  const next = new Int32Array(graph.length);
  const components: number[][] = [];
  const path: number[] = [];
  const stack: number[] = [];
  let count = 0;

  const enter = (node: number) => {
    order[node] = low[node] = count++;
    open[node] = 1;
    path.push(node);
    stack.push(node);
  };

  for (let root = 0; root < graph.length; root++) {
    if (order[root] !== -1) continue;
    enter(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const target = graph[node]?.[next[node]!];
      if (target !== undefined) {
        next[node] = next[node]! + 1;
        if (order[target] === -1) enter(target);
        else if (open[target]) low[node] = Math.min(low[node]!, order[target]!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[node]!);
      if (low[node] === order[node]) components.push(closeComponent(node, stack, open));
    }
  }
  return components;
}

function closeComponent(root: number, stack: number[], open: Uint8Array): number[] {
  const component = stack.splice(stack.lastIndexOf(root));
  for (const node of component) open[node] = 0;
  return component;
}

/** Whether a path leads from one node to another; a node reaches itself. */
export function reaches(graph: Graph, from: number, to: number): boolean {
  const seen = new Set([from]);
  const pending = [from];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node === to) return true;
    for (const target of graph[node] ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      pending.push(target);
    }
  }
  return false;
}
