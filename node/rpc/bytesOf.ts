/** The bytes of hexadecimal that was checked: ten times faster natively, which a megabyte feels. */
export function bytesOf(hex: string): Uint8Array {
  const bytes = Buffer.from(hex.slice(2), 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
