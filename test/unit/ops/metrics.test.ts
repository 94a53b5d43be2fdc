import { expect } from 'chai';
import { MetricsRegistry } from '../../../node/ops/metrics.js';

const DEFINITIONS = {
  plain_total: { kind: 'counter', help: 'Without labels', labels: [] },
  labelled_total: { kind: 'counter', help: 'With labels', labels: ['from', 'to'] },
  level_count: { kind: 'gauge', help: 'A level', labels: ['of'] },
} as const;

describe('the metrics of a node', () => {
  let metrics: MetricsRegistry;

  beforeEach(() => {
    metrics = new MetricsRegistry({ node: 'aurelia', processMetrics: false }, DEFINITIONS);
  });

  const lines = async (): Promise<string[]> => (await metrics.text()).split('\n').filter((line) => /^[a-z]/.test(line));

  it('show what was counted under each combination of labels, and the newest value of a gauge', async () => {
    metrics.count('plain_total');
    metrics.count('plain_total', 2);
    metrics.count('labelled_total', 1, { from: 'a', to: 'b' });
    metrics.count('labelled_total', 4, { to: 'b', from: 'a' });
    metrics.count('labelled_total', 1, { from: 'b', to: 'a' });
    metrics.gauge('level_count', 7, { of: 'x' });
    metrics.gauge('level_count', 3, { of: 'x' });
    const expected = [
      'plain_total{node="aurelia"} 3',
      'labelled_total{from="a",to="b",node="aurelia"} 5',
      'labelled_total{from="b",to="a",node="aurelia"} 1',
      'level_count{of="x",node="aurelia"} 3',
    ];
    expect(await lines()).to.deep.equal(expected);
    expect(await lines(), 'a second scrape counts nothing twice').to.deep.equal(expected);
    metrics.count('plain_total');
    expect((await lines())[0]).to.equal('plain_total{node="aurelia"} 4');
  });

  it('show a counter without labels from the start', async () => {
    expect(await lines()).to.deep.equal(['plain_total{node="aurelia"} 0']);
  });

  it('do not change with the object that a caller passed its labels in', async () => {
    const labels = { of: 'x' };
    metrics.gauge('level_count', 1, labels);
    labels.of = 'y';
    expect(await lines()).to.include('level_count{of="x",node="aurelia"} 1');
  });

  it('refuse a name or a label that no room defines, and a counter that shrinks', () => {
    expect(() => metrics.count('level_count')).to.throw('no room defines the counter level_count');
    expect(() => metrics.gauge('plain_total', 1)).to.throw('no room defines the gauge plain_total');
    expect(() => metrics.count('labelled_total', 1, { from: 'a', via: 'b' })).to.throw('no room defines the label via');
    metrics.gauge('level_count', 1, { of: 'x' });
    expect(() => metrics.gauge('level_count', 1, { of: 'x', in: 'y' }), 'beside a value that is there').to.throw(
      'no room defines the label in',
    );
    expect(() => metrics.count('plain_total', -1)).to.throw('only grows');
  });
});
