import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SliceListener } from '../../../../pipeline/speech/listener.ts';
import { type Slice, SliceOrder } from '../../../../pipeline/speech/slice-order.ts';

function recording() {
  const told: string[] = [];
  const listener: SliceListener = {
    begun: ({ index }) => told.push(`0:${index}`),
    changed: ({ index, text }) => told.push(`1:${index}:${text}`),
    ended: ({ index, text }) => told.push(`2:${index}:${text}`),
    failed: ({ error }) => told.push(error.code),
    dropped: () => told.push('dropped'),
  };
  return { told, listener };
}

describe('the order of sentences', () => {
  test('a second sentence waits until the recogniser has ended the first', async () => {
    const { told, listener } = recording();
    const order = new SliceOrder(listener, false);
    const first = order.begin(0);
    const second = order.begin(900);
    second.changed('two');
    second.ended(1500, 'two.');
    first.changed('one');
    let isAllTold = false;
    const all = order.allTold().then(() => {
      isAllTold = true;
    });
    await Promise.resolve();
    expect(isAllTold).toBe(false);
    first.ended(800, 'one.');
    await all;
    expect(told).toEqual(['0:0', '1:0:one', '2:0:one.', '0:1', '2:1:two.']);
  });

  test('sentences without words are left out where that is asked, and take no index', () => {
    const { told, listener } = recording();
    const order = new SliceOrder(listener, true);
    order.begin(0).ended(100, '');
    order.begin(200).ended(400, 'words');
    expect(told).toEqual(['0:0', '2:0:words']);
  });

  test('whatever the recognisers do, each sentence begins, changes and ends before the next', () => {
    const step = fc.tuple(fc.constantFrom('begin', 'changed', 'ended', 'failed'), fc.nat(9), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, isEmptySkipped) => {
        const { told, listener } = recording();
        const order = new SliceOrder(listener, isEmptySkipped);
        const slices: Slice[] = [];
        for (const [what, which, text] of steps) {
          const slice = slices[which % Math.max(1, slices.length)];
          if (what === 'begin') slices.push(order.begin(0));
          else if (what === 'changed') slice?.changed(text);
          else if (what === 'ended') slice?.ended(1, text);
          else slice?.failed(1, { stage: 'stt', engine: 'x', error: { code: 'engine/failed', data: {}, retryable: false } });
        }
        let open: number | null = null;
        let next = 0;
        for (const [type, index] of told.filter((line) => /^\d:/.test(line)).map((line) => line.split(':').map(Number))) {
          if (type === 0) {
            expect([open, index]).toEqual([null, next]);
            open = next++;
          } else expect(index).toBe(open);
          if (type === 2) open = null;
        }
      }),
    );
  });
});
