/** Bounds of a project, of its archive and of what is built from it. */
export const KIT_LIMITS = {
  /** Bytes of a bundle, as the chain takes it. */
  bundleBytes: 131_072,
  /** Bytes of a source archive, as the chain takes it. */
  archiveBytes: 524_288,
  /** Files of a project, `contract.json` among them. */
  files: 256,
  /** Characters of a path within a project. */
  pathCharacters: 160,
} as const;
