import { INK, type Point, Svg } from './svg.js';

/** Points of one name; they are joined in their order. */
export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ChartLabels {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

export interface Chart extends ChartLabels {
  readonly series: readonly Series[];
  /** Values of y from 1 on in powers of ten, for what spans several of them. */
  readonly isLogarithmic?: boolean;
  /** Lines across, with their names: targets. */
  readonly marks?: readonly { readonly name: string; readonly y: number }[];
}

export interface Bar {
  readonly name: string;
  readonly parts: readonly { readonly name: string; readonly value: number }[];
}

const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#8c564b', '#17becf', '#7f7f7f'] as const;
const GRID = '#dddddd';
const MARK = '#b00020';
const SIZE = { width: 760, height: 400 } as const;
const MARGIN = { left: 70, right: 20, top: 40, bottom: 70 } as const;
const LEGEND_STEP = 170;
const TICKS = 6;

/** Lines with dots over two axes. */
export function lineChart({ series, isLogarithmic = false, marks = [], ...labels }: Chart): string {
  const points = series.flatMap((each) => each.points);
  const ys = [...points.map(({ y }) => y), ...marks.map(({ y }) => y)];
  const xTicks = ticks(Math.min(0, ...points.map(({ x }) => x)), Math.max(1, ...points.map(({ x }) => x)));
  const yTicks = isLogarithmic ? decades(Math.max(10, ...ys)) : ticks(0, Math.max(1, ...ys));
  const plot = new Plot(labels, xTicks, yTicks, isLogarithmic);
  for (const { name, y } of marks) plot.mark(name, y);
  series.forEach((each, index) => {
    plot.series(each, index);
  });
  return plot.svg.toString();
}

/** Bars lying on their side, each made of parts one after the other. */
export function barChart(title: string, unit: string, bars: readonly Bar[]): string {
  const rowHeight = 34;
  const left = 150;
  const svg = new Svg(SIZE.width, MARGIN.top + bars.length * rowHeight + MARGIN.bottom);
  const names = [...new Set(bars.flatMap(({ parts }) => parts.map(({ name }) => name)))];
  const greatest = Math.max(1e-9, ...bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0)));
  const scale = (SIZE.width - left - 90) / greatest;
  svg.text({ x: SIZE.width / 2, y: 22 }, title, 'middle');
  bars.forEach(({ name, parts }, row) => {
    const y = MARGIN.top + row * rowHeight;
    svg.text({ x: left - 8, y: y + 16 }, name, 'end');
    let x = left;
    for (const part of parts) {
      const width = part.value * scale;
      svg.rectangle({ x, y }, { width, height: rowHeight - 12 }, colour(names.indexOf(part.name)));
      x += width;
    }
    const total = parts.reduce((sum, { value }) => sum + value, 0);
    svg.text({ x: x + 6, y: y + 16 }, `${Math.round(total * 10) / 10} ${unit}`);
  });
  legend(svg, names, svg.height - 28);
  return svg.toString();
}

class Plot {
  readonly svg = new Svg(SIZE.width, SIZE.height);

  constructor(
    { title, x, y }: ChartLabels,
    private readonly xTicks: readonly number[],
    private readonly yTicks: readonly number[],
    private readonly isLogarithmic: boolean,
  ) {
    const { svg } = this;
    const bottom = SIZE.height - MARGIN.bottom;
    const right = SIZE.width - MARGIN.right;
    svg.text({ x: SIZE.width / 2, y: 22 }, title, 'middle');
    for (const tick of xTicks) {
      const at = this.#x(tick);
      svg.line({ x: at, y: MARGIN.top }, { x: at, y: bottom }, GRID);
      svg.text({ x: at, y: bottom + 16 }, number(tick), 'middle');
    }
    for (const tick of yTicks) {
      const at = this.#y(tick);
      svg.line({ x: MARGIN.left, y: at }, { x: right, y: at }, GRID);
      svg.text({ x: MARGIN.left - 6, y: at + 4 }, number(tick), 'end');
    }
    svg.text({ x: right, y: bottom + 34 }, x, 'end');
    svg.text({ x: 8, y: MARGIN.top - 8 }, y);
  }

  mark(name: string, y: number): void {
    const at = this.#y(y);
    this.svg.line({ x: MARGIN.left, y: at }, { x: SIZE.width - MARGIN.right, y: at }, MARK, 1, '5,4');
    this.svg.text({ x: SIZE.width - MARGIN.right - 4, y: at - 4 }, name, 'end', MARK);
  }

  series({ name, points }: Series, index: number): void {
    const drawn = points.map(({ x, y }) => ({ x: this.#x(x), y: this.#y(y) }));
    if (drawn.length > 1) this.svg.polyline(drawn, colour(index));
    for (const point of drawn) this.svg.circle(point, drawn.length > 80 ? 1 : 2.5, colour(index));
    legend(this.svg, [name], SIZE.height - 14, index);
  }

  #x(value: number): number {
    const [first = 0, last = 1] = [this.xTicks[0], this.xTicks.at(-1)];
    return MARGIN.left + ((value - first) / (last - first)) * (SIZE.width - MARGIN.left - MARGIN.right);
  }

  #y(value: number): number {
    const scaled = (at: number): number => (this.isLogarithmic ? Math.log10(Math.max(1, at)) : at);
    const [first, last] = [scaled(this.yTicks[0] ?? 0), scaled(this.yTicks.at(-1) ?? 1)];
    const height = SIZE.height - MARGIN.top - MARGIN.bottom;
    return SIZE.height - MARGIN.bottom - ((scaled(value) - first) / (last - first)) * height;
  }
}

function legend(svg: Svg, names: readonly string[], y: number, firstIndex = 0): void {
  names.forEach((name, offset) => {
    const index = firstIndex + offset;
    const perRow = Math.floor((svg.width - 20) / LEGEND_STEP);
    const at = { x: 20 + (index % perRow) * LEGEND_STEP, y: y + Math.floor(index / perRow) * 14 };
    svg.rectangle({ x: at.x, y: at.y - 9 }, { width: 10, height: 10 }, colour(index));
    svg.text({ x: at.x + 15, y: at.y }, name, 'start', INK);
  });
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] as string;
}

/** Round numbers that cover the range. */
export function ticks(from: number, to: number): number[] {
  const raw = (to - from) / TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.floor(from / step);
  const last = Math.ceil(to / step);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function decades(to: number): number[] {
  return Array.from({ length: Math.ceil(Math.log10(to)) + 1 }, (_, power) => 10 ** power);
}

function number(value: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: 3 });
}
