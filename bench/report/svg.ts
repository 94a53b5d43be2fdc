/** A drawing of lines, rectangles and words, as SVG text. Coordinates are pixels from the upper left corner. */
export class Svg {
  readonly #parts: string[] = [];

  constructor(
    readonly width: number,
    readonly height: number,
  ) {}

  line(from: Point, to: Point, colour: string, width = 1, dash?: string): void {
    const dashes = dash === undefined ? '' : ` stroke-dasharray="${dash}"`;
    const ends = `x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}"`;
    this.#parts.push(`<line ${ends} stroke="${colour}" stroke-width="${width}"${dashes}/>`);
  }

  polyline(points: readonly Point[], colour: string): void {
    const list = points.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ');
    this.#parts.push(`<polyline points="${list}" fill="none" stroke="${colour}" stroke-width="1.8"/>`);
  }

  circle({ x, y }: Point, radius: number, colour: string): void {
    this.#parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${colour}"/>`);
  }

  rectangle(at: Point, size: { readonly width: number; readonly height: number }, colour: string): void {
    const box = `x="${round(at.x)}" y="${round(at.y)}" width="${round(size.width)}" height="${round(size.height)}"`;
    this.#parts.push(`<rect ${box} fill="${colour}"/>`);
  }

  text(at: Point, text: string, anchor: 'start' | 'middle' | 'end' = 'start', colour = INK): void {
    const place = `x="${round(at.x)}" y="${round(at.y)}" text-anchor="${anchor}" fill="${colour}"`;
    this.#parts.push(`<text ${place}>${escaped(text)}</text>`);
  }

  toString(): string {
    const { width, height } = this;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12">`,
      `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
      ...this.#parts,
      '</svg>',
      '',
    ].join('\n');
  }
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const INK = '#333333';

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
