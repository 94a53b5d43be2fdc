/** A sequence of numbers that a seed decides. */
export class SeededNumbers {
  #state: number;

  constructor(seed: number) {
    this.#state = (Math.imul(seed, 2_654_435_761) ^ 0x9e37_79b9) >>> 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
}

const LEAVES = [
  '1',
  '2n',
  '"x"',
  'i',
  'null',
  '[]',
  '{}',
  '3.5',
  '-0',
  'NaN',
  's',
  'input',
  'undefined',
  '1e21',
  '"é🏦"',
];

const FORMS: readonly ((inner: () => string, numbers: SeededNumbers) => string)[] = [
  (x) => `(${x()}+${x()})`,
  (x) => `[${x()},${x()}]`,
  (x) => `({a:${x()},b:${x()}})`,
  (x) => `String(${x()})`,
  (x) => `JSON.stringify(${x()})`,
  (x) => `((p)=>[p,${x()}])(${x()})`,
  (x) => `(${x()}===${x()}?${x()}:${x()})`,
  (x) => `[${x()},${x()},3,1].sort()`,
  (x) => `new Map([[1,${x()}]])`,
  (x) => `Object.keys(${x()}??{})`,
  (x, n) => `("ab".repeat(${n.below(50)})+${x()})`,
  (_, n) => `BigInt(${n.below(1_000_000)})**${n.below(40)}n`,
  (x, n) => `Array.from({length:${n.below(60)}},(_, i)=>${x()})`,
  (x) => `(()=>{try{throw ${x()}}catch(e){return e}})()`,
  (x) => `(${x()}/${x()})`,
  (x) => `Math.sqrt(${x()})`,
  (x) => `[...new Set([${x()},${x()},${x()}])]`,
  (x) => `(function*(){yield ${x()};yield* [${x()}]})().next().value`,
  (x) => `((...r)=>r.length?r[0]:${x()})(${x()},${x()})`,
  (x) => `(class{static v=${x()};#p=${x()};get q(){return this.#p}}).v`,
  (x) => `(({a,...r})=>[a,r])(${x()}??{})`,
  (x) => `\`\${${x()}}\``,
  (x, n) => `__vostroHost(${n.below(9)},String(${x()}),"k")`,
  (x, n) => `new Uint8Array([${x()},${n.below(300)}]).join()`,
  (x) => `(${x()})?.toString?.()`,
  (x) => `[3,1,2].map((v)=>v*2).filter((v)=>v>${x()}).reduce((a,b)=>a+b,${x()})`,
  (x) => `new Error(${x()}).stack`,
  (x) => `JSON.parse(JSON.stringify([${x()}])??"[]")`,
];

function expression(numbers: SeededNumbers, depth: number): string {
  if (depth <= 0) return LEAVES[numbers.below(LEAVES.length)] as string;
  const form = FORMS[numbers.below(FORMS.length)] as (typeof FORMS)[number];
  return form(() => expression(numbers, depth - 1), numbers);
}

/** A program that a seed decides: it returns a text or faults, and uses fuel in many ways. */
export function randomProgram(seed: number): string {
  const numbers = new SeededNumbers(seed);
  const rounds = 1 + numbers.below(20);
  const body = expression(numbers, 4);
  return `let s="";for(let i=0;i<${rounds};i++){try{s+=String(${body})}catch(e){s+=e&&e.message}}return s.slice(0,2000);`;
}

/** Something else that an instance did before, so that no two instances have the same past. */
export function randomHistory(seed: number): string {
  const numbers = new SeededNumbers(~seed);
  const count = numbers.below(3_000);
  const kinds = [
    `let q=[];for(let i=0;i<${count};i++)q.push("g"+i);return String(q.length)`,
    `const m=new Map();for(let i=0;i<${count};i++)m.set("k"+i,{i});return String(m.size)`,
    `(function f(){return [1].map(f)})()`,
    `let a=[];for(;;)a.push(new Uint8Array(65536))`,
    `throw new Error("x".repeat(${count}))`,
    `return "x".repeat(${count * 10})`,
  ];
  return kinds[numbers.below(kinds.length)] as string;
}
