import { expect } from 'chai';
import { GuideShell, guideSteps } from './guide.js';
import { ProcessNetwork } from './processNetwork.js';

interface Balances {
  readonly holdings: readonly { readonly name: string; readonly asset: string; readonly amount: string }[];
}

/** A section of a page as a reader plays it: every command as it stands there, in its order, on five processes. */
export class PlayedGuide {
  readonly network: ProcessNetwork;
  readonly shell: GuideShell;
  /** All that the commands have printed. */
  readonly output: string;

  private constructor(network: ProcessNetwork, shell: GuideShell, output: string) {
    this.network = network;
    this.shell = shell;
    this.output = output;
  }

  /**
   * @param blocks as many as the section has: one that is not found is no step that has passed
   * @throws AssertionError where a block does not print what the page says behind it
   */
  static async play(page: string, section: string, blocks: number): Promise<PlayedGuide> {
    const steps = await guideSteps(page, section);
    expect(steps).to.have.lengthOf(blocks);
    const network = await ProcessNetwork.create();
    try {
      await network.start();
      const shell = await GuideShell.create(network);
      let output = '';
      for (const { commands, prints } of steps) {
        const printed = await shell.run(commands);
        for (const line of prints) expect(printed).to.contain(line);
        output += printed;
      }
      return new PlayedGuide(network, shell, output);
    } catch (error) {
      await network.remove();
      throw error;
    }
  }

  /** Runs a command of its own, and gives the data of its answer. */
  must<T>(...args: readonly string[]): Promise<T> {
    return this.network.operator(this.network.observer).must<T>(...args);
  }

  /** What every bank has in the end, each as `NAME AMOUNT ASSET`, without what is nothing. */
  async holdings(): Promise<readonly string[]> {
    const { holdings } = await this.must<Balances>('balance');
    const some = holdings.filter(({ amount }) => !/^0(\.0+)?$/.test(amount));
    return some.map(({ name, amount, asset }) => `${name} ${amount} ${asset}`);
  }

  remove(): Promise<void> {
    return this.network.remove();
  }
}
