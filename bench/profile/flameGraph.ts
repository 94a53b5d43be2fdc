import type { StackNode } from './threadProfile.js';

/** One bar, and those under it; widths in microseconds. */
export interface Bar {
  readonly label: string;
  readonly room: string;
  readonly us: number;
  readonly children: readonly Bar[];
}

export interface FlameGraphOptions {
  readonly title: string;
  /** What a microsecond of width stands for in the tooltips: `µs a payment`. */
  readonly unit: string;
}

const WIDTH = 1_200;
const ROW = 17;
const HEADER = 58;
const CHARACTER = 6.4;
/** Bars narrower than this share of the whole are left out: they could not be seen, and there are thousands. */
const LEAST_SHARE = 0.001;
const MAX_DEPTH = 60;

/** The stacks of a thread as bars, all calls of one function from one place together. */
export function barsOf(label: string, nodes: readonly StackNode[]): Bar {
  const bar = merge(nodes);
  return { ...bar, label, room: label };
}

function merge(nodes: readonly StackNode[]): Bar {
  const [first] = nodes;
  const groups = new Map<string, StackNode[]>();
  let us = 0;
  for (const { selfUs, children } of nodes) {
    us += selfUs;
    for (const child of children) {
      const key = `${child.frame.functionName} ${child.frame.url}`;
      groups.set(key, [...(groups.get(key) ?? []), child]);
    }
  }
  const children = [...groups.values()].map(merge).sort((a, b) => b.us - a.us || (a.label < b.label ? -1 : 1));
  for (const child of children) us += child.us;
  return { label: first?.frame.functionName || '(anonymous)', room: first?.room ?? '', us, children };
}

/** A drawing that needs nothing else: an icicle, callers above, with a tooltip on every bar. */
export function drawFlameGraph(root: Bar, { title, unit }: FlameGraphOptions): string {
  const lines: string[] = [];
  let depth = 0;
  const draw = (bar: Bar, x: number, level: number): void => {
    const width = (bar.us / root.us) * WIDTH;
    if (bar.us < root.us * LEAST_SHARE || level > MAX_DEPTH) return;
    depth = Math.max(depth, level);
    lines.push(box(bar, { x, y: HEADER + level * ROW, width }, `${share(bar, root)}, ${bar.us.toFixed(2)} ${unit}`));
    let at = x;
    for (const child of bar.children) {
      draw(child, at, level + 1);
      at += (child.us / root.us) * WIDTH;
    }
  };
  draw(root, 0, 0);
  const height = HEADER + (depth + 1) * ROW + 8;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="monospace" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="22" font-size="15">${escapeXml(title)}</text>`,
    legend(),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function box({ label, room }: Bar, { x, y, width }: Place, cost: string): string {
  const letters = Math.floor((width - 4) / CHARACTER);
  const shown = letters < 3 ? '' : label.length <= letters ? label : `${label.slice(0, letters - 1)}…`;
  const text = shown === '' ? '' : `<text x="${(x + 2).toFixed(1)}" y="${y + 12}">${escapeXml(shown)}</text>`;
  const rect = `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(0.3, width - 0.3).toFixed(1)}" height="${ROW - 1}" fill="${colourOf(room)}"/>`;
  return `<g><title>${escapeXml(`${label} · ${room} · ${cost}`)}</title>${rect}${text}</g>`;
}

function share({ us }: Bar, root: Bar): string {
  return `${((100 * us) / root.us).toFixed(1)} %`;
}

/** Kinds of rooms and the hue of each: ours are green, packages blue, Node.js yellow, natives orange, V8's own red. */
const KINDS: readonly (readonly [string, RegExp, number])[] = [
  ['native', /^native:/, 25],
  ['Node.js', /^node:/, 52],
  ['V8', /^(garbage collection|outside of JavaScript|\()/, 2],
  [
    'ours',
    /^(node|contracts|sandbox|consensus|primitives|api|genesis|client|cli|bench|test)(\/|$)|^(main|executor|signatures)$/,
    130,
  ],
  ['package', /./, 212],
];

function colourOf(room: string): string {
  const hue = KINDS.find(([, pattern]) => pattern.test(room))?.[2] ?? 0;
  let mix = 0;
  for (const character of room) mix = (mix * 31 + (character.codePointAt(0) ?? 0)) % 997;
  return `hsl(${hue + (mix % 21) - 10},${55 + (mix % 25)}%,${70 + (mix % 13)}%)`;
}

function legend(): string {
  return KINDS.map(
    ([name, , hue], index) =>
      `<rect x="${8 + index * 100}" y="34" width="12" height="12" fill="hsl(${hue},65%,75%)"/><text x="${25 + index * 100}" y="44">${name}</text>`,
  ).join('');
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
