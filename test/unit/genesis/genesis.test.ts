import { expect } from 'chai';
import type { Json } from '../../../contracts/api/index.js';
import { cash, membership, standardContracts } from '../../../contracts/index.js';
import { PARAMETER_RANGES } from '../../../contracts/parameters/rules.js';
import { MemoryLedger } from '../../../contracts/testing/memoryLedger.js';
import { registryDirectory } from '../../../contracts/testing/registryDirectory.js';
import { genesisCalls } from '../../../genesis/calls.js';
import { DEFAULT_PARAMETERS } from '../../../genesis/defaults.js';
import { GenesisError } from '../../../genesis/errors.js';
import {
  buildGenesis,
  encodeGenesis,
  genesisHash,
  genesisToJson,
  genesisValidators,
  parseGenesis,
  parseGenesisDescription,
  verifyGenesis,
} from '../../../genesis/genesis.js';
import type { Genesis } from '../../../genesis/types.js';
import { toHex } from '../../../primitives/bytes.js';
import { ENGINE_PIN } from '../../../sandbox/enginePin.js';
import {
  BANKS,
  CENTRAL_BANK,
  CHAIN_ID,
  CUSTODIAN,
  callOf,
  descriptionJson,
  KEYS,
  possessionOf,
  TestNetwork,
  testGenesis,
} from '../../support/settlementNetwork.js';

type Tree = { [name: string]: Tree } & Tree[];

/** The genesis file as JSON, changed at one place. */
function fileWith(path: string, value: Json | undefined): Json {
  const file = JSON.parse(JSON.stringify(genesisToJson(testGenesis()))) as Tree;
  const names = path.split('.');
  const last = names.pop() as string;
  const parent = names.reduce<Tree>((node, name) => node[name] as Tree, file);
  if (value === undefined) delete parent[last];
  else parent[last] = value as unknown as Tree;
  return file as unknown as Json;
}

function refusal(use: () => unknown): string {
  try {
    use();
    return 'accepted';
  } catch (error) {
    return error instanceof GenesisError ? `${error.code} ${error.message}` : `broke: ${String(error)}`;
  }
}

const refusalOf = (path: string, value: Json | undefined): string => refusal(() => parseGenesis(fileWith(path, value)));

describe('a genesis file', () => {
  const genesis = testGenesis();

  it('reads back as it was written, to the same hash', () => {
    const copy = parseGenesis(JSON.parse(JSON.stringify(genesisToJson(genesis))));
    expect(copy).to.deep.equal(genesis);
    expect(toHex(genesisHash(copy))).to.equal(toHex(genesisHash(genesis)));
    expect(() => verifyGenesis(copy)).not.to.throw();
  });

  // PROTOCOL §What makes a genesis valid G1.
  it('is refused with path, expected and actual when it has another shape', () => {
    const malformed: readonly [string, Json | undefined, string][] = [
      ['version', 2, '$.version: expected 1, found 2'],
      ['chainId', 'a b', '$.chainId: expected an identifier'],
      ['timestamp', -1, '$.timestamp: expected an integer from 0'],
      ['parameters.heartbeatMs', undefined, '$.parameters.heartbeatMs: expected an integer from 0'],
      ['parameters.heartbeatMs', null, '$.parameters.heartbeatMs: expected an integer'],
      ['parameters.heartbeetMs', 5, '$.parameters: expected only the fields'],
      ['extra', 1, 'found "extra"'],
      ['members', [], '$.members: expected 1 to 1024 items, found a list of 0'],
      ['members.1.bic', 'alfadeff', '$.members[1].bic: expected a BIC'],
      [
        'members.1.lei',
        '5299000J2N45DDNE4Y29',
        '$.members[1].lei: expected an LEI of 20 characters with a valid check',
      ],
      ['members.1.name', 'a\tb', '$.members[1].name: expected 1 to 140 printable characters'],
      ['members.1.roles', ['king'], '$.members[1].roles[0]: expected one of centralBank'],
      ['members.1.roles', [], '$.members[1].roles: expected 1 to 5 items'],
      ['members.1.keys.0.publicKey', '0x00', '$.members[1].keys[0].publicKey: expected 33 bytes'],
      ['members.1.keys.0.possession', '0x', '$.members[1].keys[0].possession: expected 64 bytes'],
      ['members.1.keys.0.address', '0x12', '$.members[1].keys[0].address: expected 0x and 40 digits'],
      ['members.1.accounts.0.label', '', '$.members[1].accounts[0].label: expected an identifier'],
      ['members.1.nodes.0.role', 'leader', '$.members[1].nodes[0].role: expected one of validator, observer'],
      ['currencies.0.code', 'euro', '$.currencies[0].code: expected a currency code'],
      ['currencies.0.decimals', 7, '$.currencies[0].decimals: expected an integer from 0 to 6'],
      ['validators', [], '$.validators: expected 1 to 128 items'],
    ];
    for (const [path, value, message] of malformed) {
      expect(refusalOf(path, value), path).to.contain('GENESIS_MALFORMED').and.to.contain(message);
    }
    for (const json of [null, 5, 'x', [], undefined])
      expect(refusal(() => parseGenesis(json))).to.contain('$: expected');
  });

  // PROTOCOL §What makes a genesis valid G2.
  it('is refused when a parameter leaves its range', () => {
    for (const [name, { min, max }] of Object.entries(PARAMETER_RANGES)) {
      for (const value of [min - 1, max + 1].filter((candidate) => candidate >= 0)) {
        expect(refusalOf(`parameters.${name}`, value), name).to.contain(
          `$.parameters.${name}: expected ${min} to ${max}`,
        );
      }
    }
  });

  it('is refused when parameters contradict each other', () => {
    const { minBlockIntervalMs, roundTimeoutBaseMs, maxBlockFuel } = genesis.parameters;
    expect(refusalOf('parameters.minBlockIntervalMs', 1_000)).to.contain(
      '$.parameters.heartbeatMs: expected more than',
    );
    expect(refusalOf('parameters.heartbeatMs', minBlockIntervalMs + 10)).to.equal('accepted');
    expect(refusalOf('parameters.roundTimeoutCapMs', roundTimeoutBaseMs)).to.contain('more than roundTimeoutBaseMs');
    expect(refusalOf('parameters.maxTransactionFuel', maxBlockFuel + 1)).to.contain('at most maxBlockFuel');
    const { quotaTransactions } = genesis.parameters;
    expect(refusalOf('parameters.urgentQuotaTransactions', quotaTransactions)).to.equal('accepted');
    expect(refusalOf('parameters.urgentQuotaTransactions', quotaTransactions + 1)).to.contain(
      'at most quotaTransactions',
    );
    // 600,000 ms of window, 60,000 ms of quota: 11 quotas of 5 members may count at once.
    const most = Math.floor(67_108_864 / (5 * 11));
    expect(refusalOf('parameters.quotaTransactions', most)).to.equal('accepted');
    expect(refusalOf('parameters.quotaTransactions', most + 1)).to.contain(`at most ${most}, as 5 members`);
  });

  // PROTOCOL §What makes a genesis valid G3, G5–G7.
  it('is refused when members, keys, accounts, nodes, validators or currencies do not fit', () => {
    const { alfa, beta, central } = KEYS;
    const inconsistent: readonly [string, Json | undefined, string][] = [
      ['members.2.bic', BANKS.alfa, `each BIC once, found ${BANKS.alfa} twice`],
      ['members.1.roles', ['bank', 'bank'], 'each role once'],
      ['members.1.accounts.1.label', 'settlement', 'each label once'],
      ['members.1.accounts.1.account', alfa.address, 'each account once'],
      ['members.1.accounts.0.account', KEYS.alfaSpare.address, `its first key (${alfa.address})`],
      ['members.1.accounts.0.keys', [alfa.address, alfa.address], 'each key once'],
      ['members.1.accounts.0.keys', [alfa.address, beta.address], 'keys of the same member'],
      ['members.1.accounts.0.threshold', 2, '1 to 1, the number of its keys'],
      ['members.1.accounts.0.threshold', 0, '1 to 1, the number of its keys'],
      ['members.1.accounts.0.checkers', [alfa.address], 'each once and not all of them'],
      ['members.3.accounts.0.checkers', [alfa.address], 'keys of the account, each once'],
      ['members.1.keys.0.suite', 2, '$.members[1].keys[0].suite: expected 1, found 2'],
      ['members.1.validator', beta.address, 'the address of one of the member’s keys'],
      ['members.1.validator', undefined, 'a validator key for its validator node'],
      ['members.1.nodes', [], 'a node of role validator for its key'],
      ['members.0.nodes.0.peerId', `peer-${BANKS.alfa}`, 'each peer id once'],
      ['members.0.validator', central.address, 'a node of role validator'],
      ['currencies.1.code', 'EUR', 'each currency once'],
      ['currencies.0.issuer', BANKS.alfa, '$.currencies[0].issuer: expected a central bank with an account'],
      ['currencies.0.issuer', 'NOBODEFF', 'a central bank with an account'],
      ['members.0.accounts', [], 'a central bank with an account'],
      ['validators', [BANKS.alfa, BANKS.alfa], 'each BIC once'],
      ['validators', [BANKS.alfa, CENTRAL_BANK], `members with a validator key, found ${CENTRAL_BANK}`],
      ['validators', [BANKS.alfa, BANKS.beta, BANKS.gamma], `${CUSTODIAN}, which has a validator key`],
    ];
    for (const [path, value, message] of inconsistent) {
      expect(refusalOf(path, value), path).to.contain('GENESIS_INCONSISTENT').and.to.contain(message);
    }
    const twice = [...genesis.members.map((member) => genesisToJsonMember(member.bic))];
    expect(
      refusalOf('members', [...twice.slice(0, 1), { ...(twice[1] as object), bic: 'ZULUDEFF' }, ...twice.slice(1)]),
    ).to.contain('each key once, in one member');
  });

  // PROTOCOL §What makes a genesis valid G4.
  it('is refused when a key is no point or its address is another’s', () => {
    const noPoint = `0x02${'ff'.repeat(32)}`;
    expect(refusalOf('members.1.keys.0.publicKey', noPoint)).to.contain('GENESIS_KEY').and.to.contain('a public key');
    expect(refusalOf('members.1.keys.0.publicKey', toHex(KEYS.gamma.publicKey))).to.contain('the address of its key');
  });

  // PROTOCOL §What makes a genesis valid G8.
  it('fails verification when a proof of possession is for another key, chain or member', () => {
    const verifyWith = (possession: Uint8Array) =>
      refusal(() => verifyGenesis(parseGenesis(fileWith('members.1.keys.0.possession', toHex(possession)))));
    expect(verifyWith(possessionOf(KEYS.alfa, BANKS.alfa))).to.equal('accepted');
    for (const wrong of [
      possessionOf(KEYS.beta, BANKS.alfa),
      possessionOf(KEYS.alfa, BANKS.beta),
      possessionOf(KEYS.alfa, BANKS.alfa, 'vostro-other'),
      new Uint8Array(64),
    ]) {
      expect(verifyWith(wrong)).to.contain('GENESIS_POSSESSION $.members[1].keys[0].possession');
    }
  });
});

function genesisToJsonMember(bic: string): Json {
  const file = genesisToJson(testGenesis()) as { readonly members: readonly { readonly bic: string }[] };
  return file.members.find((member) => member.bic === bic) as unknown as Json;
}

describe('the genesis hash', () => {
  const hashWith = (path: string, value: Json): string => toHex(genesisHash(parseGenesis(fileWith(path, value))));
  const hash = toHex(genesisHash(testGenesis()));

  it('changes with every field but the proofs of possession', () => {
    expect(hashWith('members.1.keys.0.possession', toHex(new Uint8Array(64)))).to.equal(hash);
    const changes: readonly [string, Json][] = [
      ['chainId', `${CHAIN_ID}-2`],
      ['timestamp', 1],
      ...Object.entries(testGenesis().parameters).map(([name, value]): [string, Json] => [
        `parameters.${name}`,
        value - 1,
      ]),
      ['engine.version', 7],
      ['engine.hash', `0x${'e7'.repeat(32)}`],
      ['currencies.0.decimals', 3],
      ['members.1.name', 'Another'],
      ['members.1.lei', '529900T8BM49AURSDO55'],
      ['members.1.roles', ['bank', 'operator']],
      ['members.1.accounts.0.label', 'main'],
      ['members.1.nodes.0.peerId', 'another-peer'],
      ['members.1.nodes.0.addresses', []],
      ['validators', [BANKS.beta, BANKS.alfa, BANKS.gamma, CUSTODIAN]],
    ];
    const hashes = changes.map(([path, value]) => hashWith(path, value));
    expect(new Set([hash, ...hashes]).size).to.equal(changes.length + 1);
  });

  it('is that of these bytes, for ever', () => {
    const fixed: Genesis = { ...testGenesis(), engine: { version: 1, hash: `0x${'e1'.repeat(32)}` } };
    expect(toHex(encodeGenesis(fixed)).slice(0, 144)).to.equal(
      '0xf90663018b766f7374726f2d756e697486019b8d2b8c00' +
        'ef830927c0028203e88227108205dc824e20834000008227108477359400840bebc20032830927c082177082ea600c40',
    );
    expect(toHex(genesisHash(fixed))).to.equal('0x1ea0559a7511db26640fecfd6c1f7143ced95e10887da03e0cbd4fd9363dd7d6');
  });
});

describe('building a genesis', () => {
  const build = (change: object): Genesis =>
    buildGenesis(parseGenesisDescription({ ...descriptionJson(), ...change }), ENGINE_PIN);

  it('fills in addresses, account ids, parameters and the order of validators', () => {
    const genesis = testGenesis();
    expect(genesis.parameters).to.deep.equal({ ...DEFAULT_PARAMETERS, heartbeatMs: 1_000 });
    expect(genesis.members[1]?.accounts.map(({ account, threshold }) => [account, threshold])).to.deep.equal([
      [KEYS.alfa.address, 1],
      [KEYS.alfaSecond.address, 1],
    ]);
    expect(genesis.validators).to.deep.equal([...Object.values(BANKS), CUSTODIAN]);
    expect(genesisValidators(genesis).map(({ address }) => address)).to.deep.equal(
      [KEYS.alfa, KEYS.beta, KEYS.gamma, KEYS.custodianOne].map(({ address }) => address),
    );
  });

  it('follows the description where it says otherwise', () => {
    const order = [CUSTODIAN, BANKS.gamma, BANKS.beta, BANKS.alfa];
    expect(build({ validators: order }).validators).to.deep.equal(order);
    expect(build({ parameters: { quotaTransactions: 7 } }).parameters.quotaTransactions).to.equal(7);
    expect(build({ parameters: { quotaTransactions: 7 } }).parameters.urgentQuotaTransactions, 'a part of it').to.equal(
      7,
    );
    expect(build({ parameters: { urgentQuotaTransactions: 0 } }).parameters.urgentQuotaTransactions).to.equal(0);
    expect(build({ parameters: undefined }).parameters).to.deep.equal(DEFAULT_PARAMETERS);
  });

  it('gives every member a quota that the network can bear', () => {
    const { quotaTransactions } = build({ parameters: { referenceWindowMs: 3_600_000 } }).parameters;
    expect(quotaTransactions).to.equal(Math.floor(67_108_864 / (5 * 61)));
  });

  it('says where a description is wrong', () => {
    expect(refusal(() => build({ chainId: '' }))).to.contain('$.chainId: expected an identifier');
    expect(refusal(() => build({ validators: [CENTRAL_BANK] }))).to.contain('members with a validator key');
    expect(refusal(() => build({ parameters: { heartbeatMs: 0 } }))).to.contain(
      '$.parameters.heartbeatMs: expected 10 to',
    );
    const members = JSON.parse(JSON.stringify(descriptionJson()['members'])) as { keys: { publicKey: string }[] }[];
    (members[0]?.keys[0] as { publicKey: string }).publicKey = `0x02${'ff'.repeat(32)}`;
    expect(refusal(() => build({ members }))).to.contain('$.members[0].keys[0].publicKey: expected a public key');
  });
});

describe('the genesis state', () => {
  it('is made by calls that nobody can make again', () => {
    const network = new TestNetwork();
    for (const call of genesisCalls(testGenesis())) {
      const refused = network.refused(KEYS.central.address, call);
      expect(refused).to.deep.include({ code: 'UNAUTHORISED', failedCall: `${call.contract}.${call.method}` });
    }
  });

  it('is made of calls of bounded size, however many accounts a member has', () => {
    const [, alfa] = testGenesis().members;
    const key = alfa?.keys[0];
    if (alfa === undefined || key === undefined) throw new GenesisError('GENESIS_INCONSISTENT', 'no such member');
    const many: Genesis = {
      ...testGenesis(),
      members: testGenesis().members.map((member) =>
        member.bic === alfa.bic ? { ...member, keys: new Array<typeof key>(600).fill(key) } : member,
      ),
    };
    const sizes = genesisCalls(many).filter(({ method }) => method === 'genesisKeys');
    expect(sizes).to.have.lengthOf(3 + 4);
    expect(Math.max(...sizes.map(({ args }) => args.length))).to.be.below(16_384);
  });

  it('holds the same bytes for the same genesis', () => {
    const run = () => {
      const ledger = new MemoryLedger({
        contracts: standardContracts(),
        directory: registryDirectory,
        chainId: CHAIN_ID,
      });
      ledger.run({ calls: genesisCalls(testGenesis()), height: 0 });
      return ledger;
    };
    expect(run().snapshot()).to.deep.equal(run().snapshot());
    const currencies = run().view(callOf(cash.methods.currencies, {}));
    expect(cash.codec.decodeResult('currencies', currencies)).to.have.lengthOf(2);
    const members = run().view(callOf(membership.methods.members, { limit: 99 }));
    expect(membership.codec.decodeResult('members', members)).to.have.lengthOf(5);
  });
});
