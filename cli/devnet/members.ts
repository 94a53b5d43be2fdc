import type { MemberRole } from '../../genesis/types.js';

/** One member of the local network. */
export interface DevnetMember {
  /** Folder of its node and file name of its wallet key. */
  readonly folder: string;
  readonly bic: string;
  readonly lei: string;
  readonly name: string;
  readonly role: MemberRole;
  readonly validates: boolean;
  /** Labels of further accounts, each of a key of its own: of other persons of the member. */
  readonly further?: readonly string[];
}

/** Currency of the local network; its minor unit has two decimals. */
export const DEVNET_CURRENCY = { code: 'EUR', decimals: 2 } as const;

/** Four invented banks that validate, and an invented central bank that observes and issues the cash. */
export const DEVNET_MEMBERS: readonly DevnetMember[] = [
  {
    folder: 'aurelia',
    bic: 'AURLDEFF',
    lei: '529900AURELIABANK004',
    name: 'Aurelia Bank',
    role: 'bank',
    validates: true,
  },
  {
    folder: 'borealis',
    bic: 'BORLFRPP',
    lei: '529900BOREALISBANK64',
    name: 'Borealis Bank',
    role: 'bank',
    validates: true,
  },
  {
    folder: 'cygnus',
    bic: 'CYGNNLNA',
    lei: '529900CYGNUSBANK0045',
    name: 'Cygnus Bank',
    role: 'bank',
    validates: true,
  },
  {
    folder: 'dorado',
    bic: 'DORAESMM',
    lei: '529900DORADOBANK0029',
    name: 'Dorado Bank',
    role: 'bank',
    validates: true,
  },
  {
    folder: 'central-bank',
    bic: 'CBVODEFF',
    lei: '529900CENTRALBANK098',
    name: 'Central Bank of Vostria',
    role: 'centralBank',
    validates: false,
    further: ['checker'],
  },
];
