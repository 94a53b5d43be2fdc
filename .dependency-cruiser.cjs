// The arrows of docs/ARCHITECTURE.md: each room may import only the rooms named for it.
const rooms = {
  primitives: [],
  consensus: ['primitives'],
  contracts: ['primitives'],
  sandbox: ['primitives', 'contracts'],
  genesis: ['primitives', 'contracts', 'sandbox'],
  api: ['primitives'],
  client: ['primitives', 'contracts', 'api'],
  kit: ['primitives', 'contracts', 'sandbox'],
  node: ['primitives', 'consensus', 'contracts', 'sandbox', 'genesis', 'api'],
  cli: ['primitives', 'contracts', 'sandbox', 'genesis', 'api', 'client', 'kit', 'node'],
};
const all = Object.keys(rooms);

/** A room may not reach any room that is not in its list. */
const arrows = all.map((room) => ({
  name: `arrow-${room}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: `^(${[...all, 'test', 'bench', 'scripts'].filter((r) => r !== room && !rooms[room].includes(r)).join('|')})/`,
  },
}));

module.exports = {
  forbidden: [
    ...arrows,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-rooms-touch-nothing',
      comment: 'primitives, consensus and contracts run in a browser, a simulator and an auditor’s replay alike',
      severity: 'error',
      from: { path: '^(primitives|consensus|contracts)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-rooms-name-their-packages',
      severity: 'error',
      from: { path: '^(consensus|contracts)/' },
      to: { dependencyTypes: ['npm'] },
    },
    {
      name: 'only-storage-uses-leveldb',
      severity: 'error',
      from: { pathNot: '^(node/storage|test|bench)/' },
      to: { path: 'node_modules/(level|classic-level|abstract-level)/' },
    },
    {
      name: 'only-network-uses-libp2p',
      severity: 'error',
      from: { pathNot: '^(node/network|test|bench)/' },
      to: { path: 'node_modules/(libp2p|@libp2p|@chainsafe/libp2p-noise|@multiformats)/' },
    },
    {
      name: 'cli-enters-the-node-through-its-doors',
      comment: 'a command loads node/node.ts or one offline room, never the inside of consensus hosting',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^node/(engine|mempool|execution)/' },
    },
    { name: 'no-orphans-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'import', 'node', 'default'] },
  },
};
