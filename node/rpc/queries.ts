import { ApiError } from '../../api/errors.js';
import { API_LIMITS } from '../../api/limits.js';
import { parseResult } from '../../api/methods.js';
import type { Json } from '../../api/shape.js';
import { parseAddress, toChecksum } from '../../primitives/address.js';
import { fromHex, toHex } from '../../primitives/bytes.js';
import { decodeTransaction } from '../../primitives/transaction.js';
import { quorum } from '../../primitives/validator.js';
import { nativeSha256 } from '../nativeSha256.js';
import type { ContractBook } from './contractBook.js';
import { decodeCursor, decodeIndexCursor, encodeCursor } from './cursor.js';
import { contractsOf, describeBlock, describeReceipt, describeTransaction } from './describe.js';
import { transactionNotFound } from './finality.js';
import type { Handlers } from './handler.js';
import type { ContractPort, RpcModules, RpcOptions } from './ports.js';

type Options = Pick<RpcOptions, 'chainId' | 'genesisHash'>;
type Modules = Pick<RpcModules, 'executor' | 'mempool' | 'status'> & { readonly contracts: ContractBook };
type ChainHandlers = Pick<
  Handlers,
  'transaction' | 'receipt' | 'reference' | 'block' | 'blockTransactions' | 'validators' | 'status' | 'health'
>;
type ContractHandlers = Pick<Handlers, 'account' | 'members' | 'accounts' | 'view' | 'contracts' | 'contract'>;

/** What the chain holds. */
export function chainHandlers(options: Options, modules: Modules): ChainHandlers {
  const { executor, mempool, contracts, status } = modules;
  const decode = (bytes: Uint8Array) => decodeTransaction(bytes, options.genesisHash, nativeSha256);
  const blockAt = async (height: number) => {
    const [found] = await executor.blocks(height, 1, 1);
    if (found?.block.header.height === height) return found;
    throw new ApiError('BLOCK_NOT_FOUND', `expected a height up to ${executor.head().header.height}, found ${height}`, {
      expected: `1 to ${executor.head().header.height}`,
      actual: `${height}`,
    });
  };
  return {
    transaction: async ({ id }) => {
      const record = await executor.transaction(fromHex(id, 32));
      if (record === undefined) throw transactionNotFound(id);
      const transaction = decode(record.bytes);
      const named = transaction.body.calls.map(({ contract }) => contract);
      return describeTransaction(transaction, record, await contracts.findAll(named));
    },
    receipt: async ({ id }) => {
      const key = fromHex(id, 32);
      const [record, transaction] = await Promise.all([executor.receipt(key), executor.transaction(key)]);
      if (record === undefined || transaction === undefined) throw transactionNotFound(id);
      const { calls } = decode(transaction.bytes).body;
      return describeReceipt(record, calls, await contracts.findAll(contractsOf(record.receipt, calls)));
    },
    reference: async ({ sender, reference }) => {
      const id = await executor.referenceOwner(parseAddress(sender), fromHex(reference));
      if (id === undefined) {
        throw new ApiError('REFERENCE_NOT_FOUND', `${sender} has used no such reference within the window`, {
          expected: 'a reference that is in use',
          actual: reference,
        });
      }
      return { id: toHex(id) };
    },
    block: async ({ height }) => {
      const { block, certificate } = await blockAt(height);
      return describeBlock(block, certificate);
    },
    blockTransactions: async ({ height, cursor, limit = API_LIMITS.pageItems }) => {
      const start = decodeIndexCursor('blockTransactions', cursor);
      const { transactions } = (await blockAt(height)).block;
      const end = start + limit;
      const page = { ids: transactions.slice(start, end).map((bytes) => toHex(decode(bytes).id)) };
      return end < transactions.length ? { ...page, nextCursor: encodeCursor('blockTransactions', end) } : page;
    },
    validators: async () => {
      const { header, validators } = executor.head();
      return {
        height: header.height + 1,
        validatorsHash: toHex(header.nextValidatorsHash),
        quorum: quorum(validators.length),
        validators: validators.map(({ address, suite, publicKey }) => ({
          address: toChecksum(address),
          suite,
          publicKey: toHex(publicKey),
        })),
      };
    },
    health: async () => status.health(),
    status: async () => {
      const { header, blockHash } = executor.head();
      const { validator, catchUp, ...facts } = status.facts();
      return {
        chainId: options.chainId,
        genesisHash: toHex(options.genesisHash),
        ...facts,
        ...(validator === undefined ? {} : { validator: toChecksum(validator) }),
        ...(catchUp === undefined ? {} : { catchUp }),
        height: header.height,
        blockHash: toHex(blockHash),
        stateRoot: toHex(header.stateRoot),
        timestamp: header.timestamp,
        waitingTransactions: mempool.size,
        waitingBytes: mempool.sizeBytes,
      };
    },
  };
}

/** What contracts say of the newest state. */
export function contractHandlers(modules: Pick<Modules, 'executor' | 'contracts'>): ContractHandlers {
  const { executor, contracts } = modules;
  const contractNamed = async (name: string): Promise<ContractPort> => {
    const found = await contracts.find(name);
    if (found !== undefined) return found;
    const expected = `${contracts.standardNames.join(', ')}, or one of a bank`;
    throw new ApiError('CONTRACT_NOT_FOUND', `expected a contract (${expected}), found "${name}"`, {
      expected,
      actual: name,
    });
  };
  const view = async (contract: string, method: string, args: Json): Promise<Json> => {
    const port = await contractNamed(contract);
    const { methods } = port.abi();
    if (Object.hasOwn(methods, method) && methods[method]?.kind === 'tx') {
      throw new ApiError('PARAMS_INVALID', `${contract}.${method} writes: expected a view`, {
        expected: 'a view',
        actual: `${contract}.${method}`,
        hint: 'submit it in a signed transaction',
      });
    }
    const encoded = port.codec.encodeArgs(method, args);
    return port.codec.decodeResult(method, await executor.view(contract, method, encoded));
  };
  return {
    account: async ({ account }) => {
      const address = parseAddress(account);
      const [record, balances] = await Promise.all([
        view('membership', 'account', { account: address }),
        view('cash', 'balances', { account: address }),
      ]);
      if (record === null) throw notFound('ACCOUNT_NOT_FOUND', 'a registered account', account);
      const whole = { account: toChecksum(address), ...(record as object), balances };
      return parseResult('account', whole);
    },
    members: async ({ cursor, limit = API_LIMITS.pageItems }) => {
      const after = decodeCursor('members', cursor);
      const args = after === undefined ? { limit } : { limit, after };
      const page = { members: await view('membership', 'members', args) };
      const { members } = parseResult('members', page);
      const last = members.length === limit ? members.at(-1) : undefined;
      return last === undefined ? { members } : { members, nextCursor: encodeCursor('members', last.member) };
    },
    accounts: async ({ member, cursor, limit = API_LIMITS.pageItems }) => {
      const after = decodeCursor('accounts', cursor);
      if ((await view('membership', 'member', { member })) === null) {
        throw notFound('MEMBER_NOT_FOUND', 'the BIC of a member', member);
      }
      const args = after === undefined ? { member, limit } : { member, limit, after };
      const page = { accounts: await view('membership', 'accounts', args) };
      const { accounts } = parseResult('accounts', page);
      const last = accounts.length === limit ? accounts.at(-1) : undefined;
      return last === undefined ? { accounts } : { accounts, nextCursor: encodeCursor('accounts', last.label) };
    },
    view: async ({ contract, method, args = {} }) => ({ value: await view(contract, method, args) }),
    contracts: async () => ({ contracts: (await contracts.all()).map((port) => port.abi() as unknown as Json) }),
    contract: async ({ contract }) => ({ abi: (await contractNamed(contract)).abi() as unknown as Json }),
  };
}

function notFound(code: 'ACCOUNT_NOT_FOUND' | 'MEMBER_NOT_FOUND', expected: string, actual: string): ApiError {
  return new ApiError(code, `expected ${expected}, found ${actual}`, { expected, actual });
}
