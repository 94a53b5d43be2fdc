import { expect } from 'chai';
import { cash, membership, orders } from '../../../contracts/index.js';
import { KEY_AGE_MS } from '../../../contracts/orders/declaration.js';
import { sha256 } from '../../../primitives/hash.js';
import { utf8Encode } from '../../../primitives/text.js';
import type { Address, Call } from '../../../primitives/types.js';
import {
  ACCOUNTS,
  CENTRAL_BANK,
  callOf,
  KEYS,
  keyOf,
  possessionOf,
  TestNetwork,
  TODAY_MS,
} from '../../support/settlementNetwork.js';

const { central, alfa, beta } = ACCOUNTS;
const o = orders.methods;
const ID = `${CENTRAL_BANK}-1`;
const checkerKey = keyOf('central checker');
const checker = checkerKey.address;
/** An account for which the first key of the central bank signs as well. */
const jointKey = keyOf('central joint');
const joint = jointKey.address;

const freeze = (second?: Address): Call =>
  callOf(o.proposeFreeze, {
    ...{
      id: ID,
      authority: 'A court',
      document: sha256(utf8Encode('an order')),
      currency: 'EUR',
      instrument: undefined,
    },
    ...{ account: alfa, amount: 900_000n, until: undefined, second },
  });

function registered(network: TestNetwork, timestamp: number): void {
  const calls = [checkerKey, jointKey].flatMap((key) => {
    const possession = possessionOf(key, CENTRAL_BANK);
    const keys = key === jointKey ? [joint, KEYS.central.address] : [checker];
    const account = { member: CENTRAL_BANK, label: key.address.slice(0, 10), threshold: 1, keys, checkers: [] };
    return [
      callOf(membership.methods.registerKey, { member: CENTRAL_BANK, suite: 1, publicKey: key.publicKey, possession }),
      callOf(membership.methods.openAccount, account),
    ];
  });
  expect(network.ledger.run({ sender: central, calls, height: 1, timestamp }).failure).to.equal(undefined);
}

describe('an order that two persons sign in one transaction', () => {
  const started = () => {
    const network = TestNetwork.funded();
    registered(network, TODAY_MS - KEY_AGE_MS);
    return network;
  };
  const kept = (network: TestNetwork) => network.view(cash.methods.freezes, { currency: 'EUR', account: alfa }).freezes;

  it('is carried out at once, and nobody reads it before', () => {
    const network = started();
    const { events } = network.ok(central, freeze(checker), [central, checker]);
    expect(events.map(({ name }) => name)).to.deep.equal(['Proposed', 'FreezesSet', 'Confirmed']);
    expect(kept(network)).to.have.lengthOf(1);
    const order = network.view(o.order, { id: ID });
    expect([order?.status, order?.proposers, order?.confirmers]).to.deep.equal(['confirmed', [central], [checker]]);
    const confirm = callOf(o.confirm, { id: ID, terms: order?.terms ?? new Uint8Array(32) });
    expect(network.refused(checker, confirm).code).to.equal('ORDER_CLOSED');
  });

  it('takes the signatures of both, and none of them for two', () => {
    const network = started();
    expect(network.refused(central, freeze(checker)).data).to.deep.equal({ rule: 'account', subject: checker });
    expect(network.refused(central, freeze(central)).code).to.equal('SAME_PERSON');
    expect(network.refused(central, freeze(joint)).code).to.equal('SAME_PERSON');
    expect(network.refused(central, freeze(joint), [central, joint]).code).to.equal('SAME_PERSON');
    expect(network.refused(joint, freeze(central), [central, joint]).code).to.equal('SAME_PERSON');
    expect(kept(network)).to.deep.equal([]);
  });

  it('is of two persons of one member', () => {
    const network = started();
    expect(network.refused(central, freeze(beta), [central, beta]).code).to.equal('NOT_ENTITLED');
    expect(kept(network)).to.deep.equal([]);
  });

  it('takes no second person with a key of today', () => {
    const network = TestNetwork.funded();
    registered(network, TODAY_MS - KEY_AGE_MS + 1);
    expect(network.refused(central, freeze(checker), [central, checker]).code).to.equal('KEY_TOO_NEW');
    expect(network.view(o.order, { id: ID })).to.equal(undefined);
  });

  it('may be proposed by a new key, as any may', () => {
    const network = TestNetwork.funded();
    registered(network, TODAY_MS - 1);
    network.ok(checker, freeze(central), [central, checker]);
    expect(kept(network)).to.have.lengthOf(1);
  });
});
