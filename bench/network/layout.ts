import { join } from 'node:path';
import type { DevnetLayout, DevnetNode } from '../../cli/devnet/layout.js';
import type { DevnetMember } from '../../cli/devnet/members.js';

/** Distance between the ports of peers and those of RPCs. */
export const RPC_OFFSET = 100;
export const CENTRAL_BANK = 'CBVODEFF';
/** Any that passes its check; members may share one. */
export const LEI = '529900AURELIABANK004';

/** A network of so many validators, and a central bank that may observe: as `cli/devnet/layout.ts` has it for four. */
export function benchLayout(home: string, basePort: number, validators: number): DevnetLayout {
  const members = [...Array.from({ length: validators }, (_, index) => validatorMember(index)), CENTRAL];
  return {
    home,
    genesisFile: join(home, 'genesis.json'),
    passwordFile: join(home, 'password.txt'),
    wallet: join(home, 'wallet'),
    readyFile: join(home, 'devnet.json'),
    nodes: members.map((member, index) => {
      const rpcPort = basePort + RPC_OFFSET + index;
      return {
        member,
        home: join(home, 'nodes', member.folder),
        peerAddress: `/ip4/127.0.0.1/tcp/${basePort + index}`,
        rpcPort,
        rpcUrl: `http://127.0.0.1:${rpcPort}`,
      };
    }),
  };
}

const CENTRAL: DevnetMember = {
  folder: 'central-bank',
  bic: CENTRAL_BANK,
  lei: LEI,
  name: 'Central Bank',
  role: 'centralBank',
  validates: false,
};

function validatorMember(index: number): DevnetMember {
  const number = String(index + 1).padStart(2, '0');
  return {
    folder: `validator-${number}`,
    bic: `VALDDE${number}`,
    lei: LEI,
    name: `Validator ${number}`,
    role: 'bank',
    validates: true,
  };
}

/** The validators alone: without the central bank's node. */
export function validatorsOf(layout: DevnetLayout): readonly DevnetNode[] {
  return layout.nodes.filter(({ member }) => member.validates);
}

/** The central bank's node. */
export function observerOf(layout: DevnetLayout): DevnetNode {
  return layout.nodes.find(({ member }) => !member.validates) as DevnetNode;
}
