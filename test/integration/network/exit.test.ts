import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';

describe('a process whose networks are stopped', () => {
  it('ends by itself: no socket, stream or timer is left', async () => {
    const program = fileURLToPath(new URL('../../support/network/stoppedMesh.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [program], { timeout: 25_000 });
    expect(stdout).to.equal('stopped');
  }).timeout(30_000);
});
