import { expect } from 'chai';
import { type ContractAbi, canonicalAbiText, defineContract, t } from '../../../contracts/api/index.js';
import { deployment, payments } from '../../../contracts/index.js';
import { ContractBook } from '../../../node/rpc/contractBook.js';
import type { ContractPort } from '../../../node/rpc/ports.js';
import { CodedError } from '../../../primitives/errors.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Call } from '../../../primitives/types.js';
import { testHeader } from '../../support/finalityFixture.js';
import { rejectionOf } from '../../support/rejection.js';

function dealsOf(version: number): ContractAbi {
  const deals = defineContract({ name: 'deals', version, state: {}, events: {}, errors: {} });
  return deals
    .build({ open: deals.tx({ args: { id: t.id, count: t.uint(version) }, auth: { sender: true } }, () => undefined) })
    .abi();
}

const KEPT = {
  ...{ active: true, version: 1, engine: new Uint8Array(32), source: new Uint8Array(32), member: 'ALFADEFF' },
  ...{ fromHeight: 1, untilHeight: undefined, pausedUntilMs: undefined },
};

/** A node whose registry holds these ABIs: what it was asked is counted. */
class FakeRegistry {
  height = 1;
  asked: string[] = [];
  texts: ReadonlyMap<string, string> = new Map();
  failure: CodedError | undefined;

  readonly book = new ContractBook({
    executor: {
      head: () => ({ header: testHeader({ height: this.height }) }) as ReturnType<ContractBookHead>,
      view: async (contract, method, args) => this.#view(`${contract}.${method}`, args),
    },
    standard: new Map<string, ContractPort>([
      ['payments', payments],
      ['contracts', deployment],
    ]),
  });

  #view(call: string, args: Uint8Array): Uint8Array {
    this.asked.push(call);
    if (this.failure !== undefined) throw this.failure;
    const { status, abi } = deployment.methods;
    if (call === 'contracts.status') {
      const text = this.texts.get(status.args.decode(args).name);
      const bundle = text === undefined ? undefined : sha256(utf8Encode(text));
      const found = bundle === undefined ? undefined : { ...KEPT, bundle };
      return status.returns?.encode(found) ?? new Uint8Array();
    }
    const { bundle } = abi.args.decode(args);
    const bytes = [...this.texts.values()].map(utf8Encode).find((text) => sha256(text).join() === bundle.join());
    return abi.returns?.encode(bytes) ?? new Uint8Array();
  }
}

type ContractBookHead = ConstructorParameters<typeof ContractBook>[0]['executor']['head'];

const textOf = (version: number) => canonicalAbiText(dealsOf(version));

describe('the contracts that a node can describe', () => {
  it('are the standard ones, without a question, and those of banks, asked once a height', async () => {
    const registry = new FakeRegistry();
    registry.texts = new Map([['deals', textOf(1)]]);
    expect(await registry.book.find('payments')).to.equal(payments);
    expect(registry.asked).to.deep.equal([]);
    const both = await Promise.all([registry.book.find('deals'), registry.book.find('deals')]);
    expect(both.map((port) => port?.abi())).to.deep.equal([dealsOf(1), dealsOf(1)]);
    expect(registry.asked).to.deep.equal(['contracts.status', 'contracts.abi']);
    registry.height = 2;
    expect(await registry.book.find('deals')).to.equal(both[0]);
    expect(registry.asked).to.deep.equal(['contracts.status', 'contracts.abi', 'contracts.status']);
  });

  it('follow the newest version from the next height on', async () => {
    const registry = new FakeRegistry();
    registry.texts = new Map([['deals', textOf(1)]]);
    await registry.book.find('deals');
    registry.texts = new Map([['deals', textOf(2)]]);
    expect((await registry.book.find('deals'))?.abi().version).to.equal(1);
    registry.height = 2;
    expect((await registry.book.find('deals'))?.abi().version).to.equal(2);
  });

  it('are none where nobody registered it, and asked again where the executor had no answer', async () => {
    const registry = new FakeRegistry();
    registry.failure = new CodedError('EXECUTOR_RESTARTED', 'gone');
    expect((await rejectionOf(registry.book.find('deals'))).code).to.equal('EXECUTOR_RESTARTED');
    await registry.book.requireArguments([{ contract: 'deals', method: 'open', args: new Uint8Array() }]);
    registry.failure = undefined;
    expect(await registry.book.find('deals')).to.equal(undefined);
    expect([...(await registry.book.findAll(['payments', 'deals', 'payments'])).keys()]).to.deep.equal(['payments']);
  });

  it('refuse arguments that they do not take, by the position of the call, and pass on what is not known', async () => {
    const registry = new FakeRegistry();
    registry.texts = new Map([['deals', textOf(1)]]);
    const good = { contract: 'deals', method: 'open', args: Uint8Array.of(0xc2, 0x41, 0x01) };
    const tooMuch = { ...good, args: Uint8Array.of(0xc2, 0x41, 0x02) };
    const requireArguments = async (calls: readonly Call[]) => registry.book.requireArguments(calls);
    await requireArguments([good, { contract: 'nobody', method: 'x', args: new Uint8Array() }]);
    const refused = await rejectionOf(requireArguments([good, tooMuch]));
    expect(refused.code).to.equal('ARGUMENTS_INVALID');
    expect(refused.details['call']).to.equal(1);
    const unknown = await rejectionOf(requireArguments([{ ...good, method: 'opem' }]));
    expect(unknown.code).to.equal('METHOD_UNKNOWN');
    const large = { contract: 'payments', method: 'payBatch', args: new Uint8Array(65_537) };
    expect(registry.book.requireArguments([large])).to.equal(undefined);
  });
});
