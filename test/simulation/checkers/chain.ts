import { headerHash, transactionsRoot } from '../../../primitives/block.js';
import { equalBytes, type Hash, type Hex, toHex } from '../../../primitives/bytes.js';
import { commitDigest } from '../../../primitives/message.js';
import { transactionLeaf } from '../../../primitives/transaction.js';
import type { Block, BlockHeader, Certificate, SignatureBackend, Validator } from '../../../primitives/types.js';
import { validatorsHash } from '../../../primitives/validator.js';
import type { Violations } from './violations.js';

export interface ChainCheckerOptions {
  readonly chainId: string;
  readonly genesisHash: Hash;
  readonly validators: readonly Validator[];
  /** How far a block's time may be ahead of a right clock: what the network allows, and how fast clocks may be. */
  readonly aheadMs: number;
}

/**
 * Agreement, certificates and headers: what every honest node commits is one chain, each block certified by more than two
 * thirds of the validators that the block before it names. Counts signatures by itself.
 */
export class ChainChecker {
  /** The first block that an honest node committed at each height, by whom. */
  readonly #blocks: { readonly hash: Hash; readonly header: BlockHeader; readonly node: string }[] = [];
  readonly #validators: (readonly Validator[])[];
  readonly #certificates = new Set<string>();

  constructor(
    private readonly options: ChainCheckerOptions,
    private readonly modules: {
      readonly backend: SignatureBackend;
      readonly violations: Violations;
      /** A right clock, in milliseconds since 1970. */
      readonly nowMs: () => number;
    },
  ) {
    this.#validators = [options.validators];
  }

  get height(): number {
    return this.#blocks.length;
  }

  /** @param next the list that decides the height after this one, as the node says */
  committed(
    node: string,
    head: { readonly header: BlockHeader; readonly certificate: Certificate | undefined },
    next: readonly Validator[],
  ): void {
    const { violations } = this.modules;
    const { header, certificate } = head;
    const { height } = header;
    const hash = headerHash(header);
    const first = this.#blocks[height - 1];
    if (first !== undefined) {
      if (!equalBytes(first.hash, hash)) {
        const others = `${first.node} ${toHex(first.hash)}`;
        violations.add('agreement', `fork at height ${height}: ${node} commits ${toHex(hash)}, ${others}`);
        return;
      }
    } else if (height !== this.#blocks.length + 1) {
      violations.add('validity', `${node} commits height ${height} when nobody has ${this.#blocks.length + 1}`);
      return;
    } else {
      this.#blocks.push({ hash, header, node });
      this.#checkHeader(node, header, next);
    }
    this.#checkCertificate(node, height, hash, certificate);
  }

  #checkHeader(node: string, header: BlockHeader, next: readonly Validator[]): void {
    const { violations } = this.modules;
    const { height } = header;
    const parent = this.#blocks[height - 2];
    const list = this.#validators[height - 1] ?? [];
    const say = (what: string): void => violations.add('validity', `${node} commits height ${height} with ${what}`);
    if (header.chainId !== this.options.chainId) say(`chain id ${header.chainId}`);
    if (parent !== undefined && !equalBytes(header.parentHash, parent.hash)) say('another parent');
    if (parent !== undefined && header.timestamp <= parent.header.timestamp) say('a time not after its parent');
    const aheadMs = header.timestamp - this.modules.nowMs();
    if (aheadMs > this.options.aheadMs) say(`a time ${aheadMs} ms ahead`);
    if (!list.some(({ address }) => address === header.proposer)) say(`the proposer ${header.proposer}`);
    if (!equalBytes(header.validatorsHash, validatorsHash(list))) say('another list of validators');
    if (!equalBytes(header.nextValidatorsHash, validatorsHash(next))) say('another next list of validators');
    this.#validators[height] = next;
  }

  #checkCertificate(node: string, height: number, hash: Hash, certificate: Certificate | undefined): void {
    const say = (what: string): void =>
      this.modules.violations.add('certificate', `${node} commits height ${height} on ${what}`);
    if (certificate === undefined) {
      say('no certificate');
      return;
    }
    const isOfHeight = certificate.type === 'commit' && certificate.height === height;
    if (!isOfHeight || !equalBytes(certificate.blockHash, hash)) say('the certificate of something else');
    const key = `${height} ${certificate.round} ${certificate.signatures.map((bytes) => toHex(bytes.subarray(0, 8)))}`;
    if (this.#certificates.has(key)) return;
    this.#certificates.add(key);
    const list = this.#validators[height - 1] ?? [];
    const digest = commitDigest(this.options.genesisHash, certificate);
    let signers = 0;
    for (const [index, { publicKey }] of list.entries()) {
      const isSet = (((certificate.signerBitmap[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
      if (!isSet) continue;
      const signature = certificate.signatures[signers++] ?? new Uint8Array();
      if (!this.modules.backend.verify(signature, digest, publicKey))
        say(`a signature of validator ${index} that is none`);
    }
    if (signers !== certificate.signatures.length) say('surplus signatures');
    if (3 * signers <= 2 * list.length) say(`${signers} signatures of ${list.length}`);
  }

  /** Reads a whole chain again: links, roots, and that only what somebody signed stands in it, once. */
  checkBlocks(node: string, blocks: readonly Block[], isSigned: (bytes: Uint8Array) => boolean): void {
    const { violations } = this.modules;
    const seen = new Set<Hex>();
    for (const [index, { header, transactions }] of blocks.entries()) {
      const height = index + 1;
      const known = this.#blocks[index];
      if (header.height !== height || known === undefined || !equalBytes(known.hash, headerHash(header))) {
        violations.add('validity', `${node} keeps another block at height ${height} than was committed`);
      }
      const leaves = transactions.map(transactionLeaf);
      if (!equalBytes(transactionsRoot(leaves), header.txRoot)) {
        violations.add('validity', `${node} keeps other transactions at height ${height} than its root says`);
      }
      for (const leaf of leaves.map(toHex)) {
        if (seen.has(leaf)) violations.add('finality', `${node} has the transaction ${leaf} twice, again at ${height}`);
        seen.add(leaf);
      }
      for (const bytes of transactions) {
        if (!isSigned(bytes)) violations.add('validity', `nobody signed a transaction at height ${height}`);
      }
    }
  }
}
