/** The addresses of Services: what an allocator hands out, and what a refused address is told. */
export const SERVICE_NETWORK = '10.0.0.0/16';

/** The ports of nodes that Services may use, both ends included. */
export const NODE_PORTS = { first: 30_000, last: 32_767 } as const;
