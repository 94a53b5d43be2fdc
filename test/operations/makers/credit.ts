import { callOf } from '../../../contracts/api/method.js';
import { cash, credit, prices } from '../../../contracts/index.js';
import { BANKS, CURRENCIES, issuerOf, type Party } from '../cast.js';
import { by, type Maker, type Operation, type Scene } from '../scene.js';

/** Prices, collateral and the credit of the central banks. */

const [p, c] = [prices.methods, credit.methods];
const HOUR_MS = 3_600_000;
/** Two oracles of each instrument, of different members. */
const ORACLES = BANKS.slice(4, 6) as unknown as readonly [Party, Party];

/** Instruments that have a feed, mostly those that are not split all the time. */
function priced(scene: Scene): string | undefined {
  const all = scene.snapshot.feeds.map(({ key }) => key[0]);
  const steady = all.filter((id) => Number(id.slice(2)) % 2 === 1);
  return scene.random.pick(scene.chance(0.9) && steady.length > 0 ? steady : all);
}

function currencyOf(scene: Scene, instrument: string): string {
  return scene.snapshot.instruments.find(({ key }) => key[0] === instrument)?.value.currency ?? 'EUR';
}

function priceOf(scene: Scene, instrument: string): bigint {
  return scene.snapshot.prices.find(({ key }) => key[0] === instrument)?.value.price ?? 1_000n;
}

/** Feeds, terms, money to lend and lines, before anything else; first prices are published and confirmed by two blocks. */
export function creditOpening(): readonly (readonly Operation[])[] {
  const instruments = ['I-1', 'I-2', 'I-3', 'I-4'];
  const issuers = instruments.map((_id, index) => issuerOf(CURRENCIES[index % 3] ?? 'EUR'));
  const setting = instruments.flatMap((instrument, index) => {
    const issuer = issuers[index] as Party;
    const currency = CURRENCIES[index % 3] ?? 'EUR';
    return [
      by(issuer, '', callOf(p.setFeed, feedOf(instrument, 1_000))),
      by(issuer, '', callOf(c.setEligible, { currency, instrument, haircutBps: 1_000, cap: 400_000n })),
    ];
  });
  const lending = CURRENCIES.flatMap((currency) => {
    const issuer = issuerOf(currency);
    const funder = issuer.account;
    const issued = { currency, account: funder, amount: 400_000n, reserveReference: `CREDIT ${currency}` };
    return [
      by(issuer, '', callOf(cash.methods.issue, issued)),
      by(issuer, '', callOf(c.setFacility, { currency, funder, rate: 50_000_000, marginMs: 8_000 })),
      by(issuer, '', callOf(c.fund, { currency, amount: 300_000n })),
      ...[BANKS[0], BANKS[2], BANKS[4], BANKS[5]].map((bank) =>
        by(issuer, '', callOf(c.setLine, { currency, account: (bank as Party).account, limit: 200_000n })),
      ),
    ];
  });
  return [[...setting, ...lending]];
}

function feedOf(instrument: string, bandBps: number) {
  const oracles = ORACLES.map(({ account }) => account);
  return { instrument, oracles, per: 10n, maxAgeMs: 30 * HOUR_MS, bandBps };
}

const setFeed: Maker = (scene) => {
  const instrument = scene.instrument();
  if (instrument === undefined) return undefined;
  const issuer = scene.chance(0.8) ? issuerOf(currencyOf(scene, instrument)) : scene.anybody();
  const feed = feedOf(instrument, scene.one([500, 1_000, 2_000]));
  const per = scene.chance(0.1) ? 1n : feed.per;
  return by(issuer, 'prices.setFeed', callOf(p.setFeed, { ...feed, per }));
};

/** Mostly a small step; now and then one that takes two. */
const publish: Maker = (scene) => {
  const instrument = priced(scene);
  if (instrument === undefined) return undefined;
  const before = priceOf(scene, instrument);
  const percent = BigInt(scene.chance(0.75) ? scene.random.integer(92, 105) : scene.random.integer(50, 170));
  const oracle = scene.chance(0.93) ? scene.one(ORACLES) : scene.bank();
  const pricedAt = scene.timestamp + scene.random.integer(scene.chance(0.05) ? -50 * HOUR_MS : -500, 100);
  const observation = { instrument, oracle: oracle.account, price: (before * percent) / 100n + 1n, pricedAt };
  return by(oracle, 'prices.publish', callOf(p.publish, observation));
};

const confirm: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.proposedPrices);
  if (row === undefined) return undefined;
  const { key, value } = row;
  const [instrument] = key;
  const other = ORACLES.find(({ account }) => account !== value.oracle) ?? ORACLES[0];
  const by2 = scene.chance(0.6)
    ? other
    : scene.one([...ORACLES, issuerOf(currencyOf(scene, instrument)), scene.bank()]);
  const price = scene.chance(0.95) ? value.price : value.price + 1n;
  const args = { instrument, account: by2.account, price, pricedAt: value.pricedAt };
  return by(by2, 'prices.confirm', callOf(p.confirm, args));
};

const dropPrice: Maker = (scene) => {
  const instrument = scene.random.pick(scene.snapshot.proposedPrices)?.key[0];
  if (instrument === undefined) return undefined;
  const issuer = scene.chance(0.7) ? issuerOf(currencyOf(scene, instrument)) : scene.anybody();
  return by(issuer, 'prices.reject', callOf(p.reject, { instrument }));
};

const strike: Maker = (scene) => {
  const instrument = priced(scene);
  if (instrument === undefined) return undefined;
  const issuer = scene.chance(0.5) ? issuerOf(currencyOf(scene, instrument)) : scene.anybody();
  return by(issuer, 'prices.strike', callOf(p.strike, { instrument }));
};

const setEligible: Maker = (scene) => {
  const instrument = scene.instrument();
  if (instrument === undefined) return undefined;
  const currency = scene.chance(0.9) ? currencyOf(scene, instrument) : scene.currency();
  const terms = { haircutBps: scene.random.integer(0, 3_000), cap: scene.chance(0.5) ? 300_000n : undefined };
  const issuer = scene.chance(0.85) ? issuerOf(currency) : scene.anybody();
  return by(issuer, 'credit.setEligible', callOf(c.setEligible, { currency, instrument, ...terms }));
};

const exclude: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.eligible);
  if (row === undefined) return undefined;
  const [currency, instrument] = row.key;
  const issuer = scene.chance(0.5) ? issuerOf(currency) : scene.anybody();
  return by(issuer, 'credit.exclude', callOf(c.exclude, { currency, instrument }));
};

const money: Maker = (scene) => {
  const currency = scene.currency();
  const issuer = scene.chance(0.85) ? issuerOf(currency) : scene.anybody();
  const [kind, method] = scene.one([
    ['credit.fund', c.fund],
    ['credit.defund', c.defund],
  ] as const);
  const amount = scene.amount(scene.balance(currency, issuerOf(currency)) / 4n);
  return by(issuer, kind, callOf(method, { currency, amount }));
};

const setLine: Maker = (scene) => {
  const [currency, account] = [scene.currency(), scene.bank().account];
  const limit = scene.chance(0.1) ? 0n : BigInt(scene.random.integer(1_000, 300_000));
  const issuer = scene.chance(0.9) ? issuerOf(currency) : scene.anybody();
  return by(issuer, 'credit.setLine', callOf(c.setLine, { currency, account, limit }));
};

/** An account with a line, in its currency. */
function lineOf(scene: Scene) {
  const row = scene.random.pick(scene.snapshot.lines);
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  return { currency, account, party: scene.party(account) };
}

const deposit: Maker = (scene) => {
  const line = lineOf(scene);
  if (line === undefined) return undefined;
  const { currency, account, party } = line;
  const fitting = scene.snapshot.eligible.filter(({ key }) => key[0] === currency).map(({ key }) => key[1]);
  const instrument = scene.chance(0.9) ? scene.random.pick(fitting) : scene.instrument();
  if (instrument === undefined) return undefined;
  const units = scene.amount(scene.holding(instrument, party));
  return by(party, 'credit.deposit', callOf(c.deposit, { currency, account, instrument, units }));
};

function unitsIn({ snapshot }: Scene, account: string, instrument: string): bigint {
  const lock = snapshot.unitLocks.find(({ key }) => key[0] === instrument && key[1] === 'credit' && key[2] === account);
  return lock?.value.amount ?? 0n;
}

/** About what a pool is worth, by the prices in force. */
function worthOf(scene: Scene, currency: string, account: string): bigint {
  const { positions, eligible, feeds } = scene.snapshot;
  let sum = 0n;
  for (const { key } of positions) {
    if (key[0] !== currency || key[1] !== account) continue;
    const [, , instrument] = key;
    const terms = eligible.find((row) => row.key[0] === currency && row.key[1] === instrument)?.value;
    const per = feeds.find((row) => row.key[0] === instrument)?.value.per;
    if (terms === undefined || per === undefined) continue;
    const units = unitsIn(scene, account, instrument);
    const worth = (units * priceOf(scene, instrument) * BigInt(10_000 - terms.haircutBps)) / (per * 10_000n);
    sum += terms.cap !== undefined && terms.cap < worth ? terms.cap : worth;
  }
  return sum;
}

/** A position of a pool, and how many units are in it. */
function position(scene: Scene) {
  const row = scene.random.pick(scene.snapshot.positions);
  if (row === undefined) return undefined;
  const [currency, account, instrument] = row.key;
  return { currency, account, instrument, units: unitsIn(scene, account, instrument), party: scene.party(account) };
}

const withdraw: Maker = (scene) => {
  const found = position(scene);
  if (found === undefined) return undefined;
  const { currency, account, instrument, units, party } = found;
  const args = { currency, account, instrument, units: scene.amount(units) };
  return by(party, 'credit.withdraw', callOf(c.withdraw, args));
};

const substitute: Maker = (scene) => {
  const found = position(scene);
  if (found === undefined) return undefined;
  const { currency, account, instrument, units, party } = found;
  const fitting = scene.snapshot.eligible.filter(({ key }) => key[0] === currency).map(({ key }) => key[1]);
  const other = scene.random.pick(fitting);
  if (other === undefined) return undefined;
  const give = { instrument: other, units: scene.amount(scene.holding(other, party)) };
  const take = { instrument, units: scene.amount(units) };
  return by(party, 'credit.substitute', callOf(c.substitute, { currency, account, give, take }));
};

/** Mostly a part of what the pool still covers, or all of it; now and then more. */
const draw: Maker = (scene) => {
  const found = scene.chance(0.85) ? position(scene) : lineOf(scene);
  if (found === undefined) return undefined;
  const { currency, account, party } = found;
  const row = scene.snapshot.loans.find(({ key }) => key[0] === currency && key[1] === account);
  const room = worthOf(scene, currency, account) - (row?.value.principal ?? 0n);
  const amount = room > 0n && scene.chance(0.5) ? room : scene.amount(room > 0n ? room : 1_000n);
  return by(party, 'credit.draw', callOf(c.draw, { currency, account, amount }));
};

function loan(scene: Scene) {
  const row = scene.random.pick(scene.snapshot.loans);
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  return { currency, account, owed: row.value.principal + row.value.interest, party: scene.party(account) };
}

const repay: Maker = (scene) => {
  const found = loan(scene);
  if (found === undefined) return undefined;
  const { currency, account, owed, party } = found;
  const payer = scene.chance(0.5) ? party : scene.bank();
  const amount = scene.chance(0.6) ? owed : scene.amount(owed);
  return by(payer, 'credit.repay', callOf(c.repay, { currency, account, payer: payer.account, amount }));
};

const convert: Maker = (scene) => {
  const found = loan(scene);
  if (found === undefined) return undefined;
  const { currency, account } = found;
  return by(scene.anybody(), 'credit.convert', callOf(c.convert, { currency, account }));
};

/** Mostly one that is short. */
const callMargin: Maker = (scene) => {
  const short = scene.snapshot.loans.filter(
    ({ key, value }) => value.principal > worthOf(scene, key[0], key[1]) && value.principal > 0n,
  );
  if (short.length === 0 && scene.chance(0.8)) return undefined;
  const row = scene.random.pick(short.length > 0 && scene.chance(0.95) ? short : scene.snapshot.loans);
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  return by(scene.anybody(), 'credit.callMargin', callOf(c.callMargin, { currency, account }));
};

const cure: Maker = (scene) => {
  const row = scene.random.pick(scene.snapshot.marginCalls);
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  return by(scene.anybody(), 'credit.cureMargin', callOf(c.cureMargin, { currency, account }));
};

/** A loan that is due: a call was not met, the account is suspended, or its day is long over; now and then any. */
function dueLoan(scene: Scene) {
  const { loans, marginCalls, suspended, days, timestamp } = scene.snapshot;
  const due = loans.filter(({ key: [currency, account], value }) => {
    const call = marginCalls.find(({ key }) => key[0] === currency && key[1] === account)?.value;
    const today = days.find(({ key }) => key[0] === currency)?.value.day ?? 0;
    return (call !== undefined && call.deadline <= timestamp) || suspended.has(account) || today >= value.day + 2;
  });
  if (due.length === 0 && scene.chance(0.9)) return undefined;
  const row = scene.random.pick(due.length > 0 && scene.chance(0.95) ? due : loans);
  return row === undefined ? undefined : { currency: row.key[0], account: row.key[1] };
}

/** By the central bank, mostly of the largest position, at a price that mostly fits. */
const liquidate: Maker = (scene) => {
  const found = dueLoan(scene);
  if (found === undefined) return undefined;
  const { currency, account } = found;
  const worth = (instrument: string) => unitsIn(scene, account, instrument) * priceOf(scene, instrument);
  const own = scene.snapshot.positions
    .filter(({ key }) => key[0] === currency && key[1] === account)
    .map(({ key }) => key[2])
    .sort((a, b) => (worth(a) < worth(b) ? 1 : -1));
  const instrument = scene.chance(0.9) ? own[0] : scene.random.pick(own);
  if (instrument === undefined) return undefined;
  const terms = scene.snapshot.eligible.find(({ key }) => key[0] === currency && key[1] === instrument)?.value;
  const percent = scene.random.integer(100 - Math.floor((terms?.haircutBps ?? 1_000) / 100), 101);
  const issuer = issuerOf(currency);
  const buyer = scene.chance(0.4) ? issuer : scene.bank();
  const price = (priceOf(scene, instrument) * BigInt(percent)) / 100n;
  const args = { currency, account, instrument, buyer: buyer.account, price, maxUnits: 1_000n };
  return by(issuer, 'credit.liquidate', callOf(c.liquidate, args), buyer);
};

const returnPool: Maker = (scene) => {
  const rows = scene.snapshot.positions.filter(({ key }) => scene.snapshot.suspended.has(key[1]));
  const row = scene.random.pick(rows.length > 0 ? rows : scene.snapshot.positions);
  if (row === undefined) return undefined;
  const [currency, account] = row.key;
  return by(issuerOf(currency), 'credit.returnPool', callOf(c.returnPool, { currency, account }));
};

export const creditMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [4, setFeed],
  [30, publish],
  [18, confirm],
  [2, dropPrice],
  [2, strike],
  [5, setEligible],
  [2, exclude],
  [6, money],
  [5, setLine],
  [22, deposit],
  [10, withdraw],
  [8, substitute],
  [26, draw],
  [22, repay],
  [3, convert],
  [10, callMargin],
  [5, cure],
  [14, liquidate],
  [3, returnPool],
];

/** Draws, and takes the collateral out in the same transaction; or takes it out first and puts it back. */
const emptyPool: Maker = (scene) => {
  const found = position(scene);
  if (found === undefined || found.units === 0n) return undefined;
  const { currency, account, instrument, units, party } = found;
  const own = { currency, account };
  const out = callOf(c.withdraw, { ...own, instrument, units });
  const taken = callOf(c.draw, { ...own, amount: 1n });
  const calls = scene.chance(0.5) ? [taken, out] : [out, taken];
  const { kind, order } = by(party, 'hostile: draw and take the collateral out', taken);
  return { kind, order: { ...order, calls } };
};

/** One oracle raises its price step by step in one transaction, and draws by it. */
const pushPrice: Maker = (scene) => {
  const found = position(scene);
  if (found === undefined) return undefined;
  const { currency, account, instrument, party } = found;
  const oracle = scene.one(ORACLES);
  const before = priceOf(scene, instrument);
  const step = (index: number) =>
    callOf(p.publish, {
      ...{ instrument, oracle: oracle.account, pricedAt: scene.timestamp - 3 + index },
      price: (before * BigInt(104 + 4 * index)) / 100n,
    });
  const calls = [step(0), step(1), step(2), callOf(c.draw, { currency, account, amount: 5_000n })];
  const { kind, order } = by(party, 'hostile: push a price and draw by it', step(0), oracle);
  return { kind, order: { ...order, calls } };
};

export const hostileCreditMakers: readonly (readonly [weight: number, maker: Maker])[] = [
  [8, emptyPool],
  [6, pushPrice],
];
