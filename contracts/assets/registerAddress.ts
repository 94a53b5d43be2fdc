import type { Address } from '../../primitives/types.js';
import { AddressSchema } from '../api/byteStrings.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** An address whose keys are read very often: a register is worked through from its first holder to its last. */
class RegisterAddress extends AddressSchema {
  override decodeKey(part: string): Address {
    let address = '0x';
    for (let i = 0; i < part.length; i++) address += HEX[part.charCodeAt(i)];
    return address as Address;
  }
}

export const registerAddress = new RegisterAddress();
