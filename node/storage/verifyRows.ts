import { toHex } from '../../primitives/bytes.js';
import type { LevelChainDatabase } from './chainDatabase.js';
import { openRow } from './checksum.js';
import type { Fault, FaultList } from './faultList.js';
import { kindOfRow } from './prefixes.js';

/** Reads every row there is and checks its checksum. @returns how many there are */
export async function verifyRows(database: LevelChainDatabase, faults: FaultList): Promise<number> {
  let rows = 0;
  const everything = { from: Uint8Array.of(0), to: Uint8Array.of(0xff), reverse: false, limit: -1 };
  for await (const [key, row] of database.rows.rawRows(everything)) {
    rows++;
    const kind = kindOfRow(key);
    const fault = rowFault(key, row, kind);
    if (fault !== undefined && !faults.add(fault)) break;
  }
  return rows;
}

function rowFault(key: Uint8Array, row: Uint8Array, kind: string | undefined): Fault | undefined {
  if (kind === undefined) {
    return { code: 'ROW_UNKNOWN', message: `the row ${toHex(key)} is of no kind that this version knows` };
  }
  if (openRow(key, row) !== undefined) return undefined;
  return { code: 'VALUE_CORRUPT', message: `the ${kind} row ${toHex(key)} does not carry its own checksum` };
}
