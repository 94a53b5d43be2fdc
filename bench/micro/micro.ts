import { BenchError } from '../errors.js';
import { DEFAULT_HARNESS, type Figure, formatFigure, type HarnessOptions, measure } from './harness.js';
import { ROOMS } from './rooms.js';

/**
 * Measures what single operations cost, room by room.
 *
 * @param args one of the rooms, or nothing for all of them
 * @param tell takes each figure as soon as it is known
 * @throws BenchError `OPTION_INVALID` for a room that there is none of
 */
export async function measureMicro(
  [wanted]: readonly string[],
  options: HarnessOptions = DEFAULT_HARNESS,
  tell: (figure: Figure) => void = (figure) => process.stdout.write(`${formatFigure(figure)}\n`),
): Promise<void> {
  const rooms = Object.entries(ROOMS).filter(([name]) => wanted === undefined || name === wanted);
  if (rooms.length === 0) {
    const expected = Object.keys(ROOMS).join(', ');
    throw new BenchError('OPTION_INVALID', `expected one of ${expected}, found ${wanted}`, { expected });
  }
  for (const [name, room] of rooms) {
    await room(async (operations) => {
      for (const operation of operations) tell(await measure(name, operation, options));
    });
  }
}
