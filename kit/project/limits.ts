import { ARTEFACT_BYTES } from '../../contracts/deployment/artefacts.js';

/** Bounds of a project, of its archive and of what is built from it. */
export const KIT_LIMITS = {
  /** Bytes of a bundle, as the chain takes it. */
  bundleBytes: ARTEFACT_BYTES.bundle,
  /** Bytes of a source archive, as the chain takes it. */
  archiveBytes: ARTEFACT_BYTES.source,
  /** Files of a project, `contract.json` among them. */
  files: 256,
  /** Characters of a path within a project. */
  pathCharacters: 160,
} as const;
