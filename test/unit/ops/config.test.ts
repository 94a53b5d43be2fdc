import { expect } from 'chai';
import { ConfigError, resolveConfig } from '../../../node/ops/config.js';

const nothing = { home: '/home/bank', file: undefined, environment: {}, flags: {} };

/** The error that the sources raise. */
function refusal(sources: Partial<Parameters<typeof resolveConfig>[0]>): ConfigError {
  try {
    resolveConfig({ ...nothing, ...sources });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  return expect.fail('expected a ConfigError');
}

describe('the configuration of a node', () => {
  it('has a default for everything but the validator key', () => {
    const { settings } = resolveConfig(nothing);
    expect(settings.rpcHost).to.equal('127.0.0.1');
    expect(settings.dataDirectory).to.equal('/home/bank/data');
    expect(settings.validatorKeystore).to.equal(undefined);
  });

  it('lets flags win over the environment, that over the file, that over defaults, and says so', () => {
    const { settings, resolved } = resolveConfig({
      home: '/home/bank',
      file: 'name = "file"\n[rpc]\nport = 1000\nhost = "::1"\n',
      environment: { VOSTRO_RPC_PORT: '2000', VOSTRO_NAME: 'environment' },
      flags: { 'rpc.port': '3000' },
    });
    expect(settings).to.include({ rpcPort: 3000, name: 'environment', rpcHost: '::1', logLevel: 'info' });
    const origins = Object.fromEntries(resolved.map(({ key, origin }) => [key, origin]));
    expect(origins).to.include({ 'rpc.port': 'flag', name: 'environment', 'rpc.host': 'file', 'log.level': 'default' });
  });

  it('refuses a key that it does not know, and names the one that was meant', () => {
    const error = refusal({ file: '[server]\nport = 1\n' });
    expect(error.code).to.equal('CONFIG_KEY_UNKNOWN');
    expect(error.details.hint).to.contain('rpc.port');
  });

  it('refuses a value out of range with what it expected and found', () => {
    const error = refusal({ environment: { VOSTRO_RPC_PORT: '70000' } });
    expect(error.code).to.equal('CONFIG_VALUE_INVALID');
    expect(error.message).to.contain('VOSTRO_RPC_PORT').and.to.contain('65535').and.to.contain('70000');
  });

  it('refuses text that is not TOML with its line', () => {
    const error = refusal({ file: 'name = "a"\nrpc port = 1\n' });
    expect(error.code).to.equal('CONFIG_SYNTAX');
    expect(error.details['line']).to.equal(2);
  });

  it('takes lists from the environment separated by commas', () => {
    const { settings } = resolveConfig({
      ...nothing,
      environment: { VOSTRO_NETWORK_LISTEN: '/ip4/127.0.0.1/tcp/1,/ip4/127.0.0.1/tcp/2' },
    });
    expect(settings.listenAddresses).to.deep.equal(['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2']);
  });
});
