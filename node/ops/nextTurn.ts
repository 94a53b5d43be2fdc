/** Resolves in a later turn, when what came in meanwhile is here; a simulator has turns of its own. */
export type NextTurn = () => Promise<void>;

/** The runtime's next turn. */
export const systemTurn: NextTurn = () => new Promise((resolve) => setImmediate(resolve));
