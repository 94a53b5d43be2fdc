import { ApiError } from '../../api/errors.js';
import type { MethodName } from '../../api/methods.js';

const POSITION = /^[\w.-]{1,64}$/;

/** Where the next page begins, opaque to the client and bound to its method. */
export function encodeCursor(method: MethodName, position: string | number): string {
  return Buffer.from(`${method}:${position}`, 'latin1').toString('base64url');
}

/** The position, undefined for the first page. @throws ApiError `CURSOR_INVALID` */
export function decodeCursor(method: MethodName, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const [name, position = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(':', 2);
  if (name !== method || !POSITION.test(position) || encodeCursor(method, position) !== cursor) {
    throw new ApiError('CURSOR_INVALID', `expected a cursor that ${method} gave, found another text`, {
      expected: `a cursor of ${method}`,
      actual: cursor,
      hint: 'begin again without a cursor',
    });
  }
  return position;
}

/** The same for positions that count. */
export function decodeIndexCursor(method: MethodName, cursor: string | undefined): number {
  const position = decodeCursor(method, cursor);
  if (position === undefined) return 0;
  if (!/^\d{1,9}$/.test(position))
    throw new ApiError('CURSOR_INVALID', `the cursor holds no position of ${method}`, {});
  return Number(position);
}
