import { expect } from 'chai';
import { BenchError } from '../../../bench/errors.js';
import { type Figure, formatFigure } from '../../../bench/micro/harness.js';
import { measureMicro } from '../../../bench/micro/micro.js';
import { ROOMS } from '../../../bench/micro/rooms.js';

describe('the measurements of single operations', function () {
  this.timeout(60_000);

  for (const room of Object.keys(ROOMS)) {
    it(`give figures of ${room}`, async () => {
      const figures: Figure[] = [];
      await measureMicro([room], { repeats: 1, repeatMs: 0 }, (figure) => figures.push(figure));
      expect(figures).not.to.have.length(0);
      for (const figure of figures) {
        expect(figure.leastUs).to.be.at.least(0);
        expect(figure.leastUs).to.be.at.most(figure.medianUs);
        expect(formatFigure(figure)).to.include(figure.name);
      }
    });
  }

  it('refuse a room that there is none of', async () => {
    const error = await measureMicro(['kitchen']).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(BenchError);
  });
});
