import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

/** A line of a stack in the bundle: the function's name, line and column. */
const FRAME = /^\s*at (?:(.*?) \()?[^():]*:(\d+):(\d+)\)?$/;

/** Finds the author's lines for places in a bundle. */
export class SourcePlaces {
  readonly #map: TraceMap;
  readonly #own: (source: string) => boolean;

  /** @param sources paths of the project; places elsewhere, as in the runtime, are left out */
  constructor(sourceMap: string, sources: Iterable<string>) {
    this.#map = new TraceMap(sourceMap);
    const paths = new Set(sources);
    this.#own = (source) => paths.has(source);
  }

  /** `  at settle (src/contract.ts:77:12)` for each line of a stack that lies in the project; empty when none does. */
  mapStack(stack: string): string {
    return stack
      .split('\n')
      .flatMap((text) => this.#mapFrame(text) ?? [])
      .join('\n');
  }

  #mapFrame(text: string): string | undefined {
    const [, , line, column] = FRAME.exec(text) ?? [];
    if (line === undefined || column === undefined) return undefined;
    // Columns of a stack count from 1, those of a map from 0.
    const place = originalPositionFor(this.#map, { line: Number(line), column: Math.max(0, Number(column) - 1) });
    if (place.source === null || !this.#own(place.source)) return undefined;
    const at = `${place.source}:${place.line}:${place.column + 1}`;
    return place.name === null ? `  at ${at}` : `  at ${place.name} (${at})`;
  }
}
