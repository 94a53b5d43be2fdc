import { expect } from 'chai';
import { FuelMeter, OutOfFuel } from '../../../contracts/runtime/fuelMeter.js';

describe('a meter of fuel', () => {
  it('counts what is charged, and all of it once a charge was refused', () => {
    const meter = new FuelMeter(100);
    meter.charge(30);
    expect(meter).to.include({ used: 30, left: 70, exhausted: false });
    expect(() => meter.charge(71)).to.throw(OutOfFuel);
    expect(meter).to.include({ used: 100, left: 0, exhausted: true });
    expect(() => meter.charge(0)).to.throw(OutOfFuel);
  });

  it('ends a part that was used up, and goes on with what was kept back', () => {
    const meter = new FuelMeter(100);
    meter.charge(10);
    meter.beginPart(40);
    meter.charge(25);
    expect(meter.left).to.equal(15);
    expect(() => meter.charge(16)).to.throw(OutOfFuel);
    expect(() => meter.charge(0), 'the part stays exhausted').to.throw(OutOfFuel);
    expect(meter.exhausted).to.equal(false);
    expect(meter.endPart()).to.equal(true);
    expect(meter).to.include({ used: 50, left: 50 });
    meter.charge(50);
  });

  it('gives back what a part did not use', () => {
    const meter = new FuelMeter(100);
    meter.beginPart(40);
    meter.charge(40);
    expect(meter.endPart()).to.equal(false);
    meter.charge(60);
  });

  it('is used up as a whole by a part that is as large as the whole, or larger', () => {
    for (const units of [100, 1_000]) {
      const meter = new FuelMeter(100);
      meter.beginPart(units);
      expect(() => meter.charge(101)).to.throw(OutOfFuel);
      expect(meter.endPart()).to.equal(false);
      expect(meter).to.include({ used: 100, exhausted: true });
    }
  });

  it('lets parts of parts end where they began', () => {
    const meter = new FuelMeter(100);
    meter.beginPart(60);
    meter.beginPart(20);
    expect(() => meter.charge(21)).to.throw(OutOfFuel);
    expect(meter.endPart()).to.equal(true);
    meter.beginPart(40);
    expect(() => meter.charge(41)).to.throw(OutOfFuel);
    expect(meter.endPart(), 'the inner part was all of the outer one').to.equal(false);
    expect(meter.endPart()).to.equal(true);
    expect(meter).to.include({ used: 60, left: 40 });
  });

  it('bounds a part of a part by what is left of the outer one (PROTOCOL §Running a transaction R2)', () => {
    const meter = new FuelMeter(100);
    meter.beginPart(40);
    meter.beginPart(90);
    expect(meter.left).to.equal(40);
    expect(() => meter.charge(41)).to.throw(OutOfFuel);
    expect(meter.endPart(), 'the inner part was all of the outer one').to.equal(false);
    expect(meter.endPart()).to.equal(true);
    expect(meter).to.include({ used: 40, left: 60 });
  });
});
