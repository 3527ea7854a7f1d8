import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAssertions } from '../../../../../main/core/analysis/assertions.ts';
import { latencyFacets } from '../../../../../preload/contract/latency.ts';
import {
  latencyCommand,
  listText,
  orderText,
  placeText,
  sessionLink,
  viewOf,
} from '../../../../../renderer/features/latency/latency-link.ts';
import { selectedOf } from '../../../../../renderer/features/session/session-link.ts';

describe('the address of the latency screen', () => {
  test('brings everything back, whatever names hold', () => {
    const name = fc.string({ minLength: 1 });
    const where = fc.dictionary(fc.constantFrom(...latencyFacets), fc.uniqueArray(name, { minLength: 1, maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(name), where, name, fc.nat(), fc.boolean(), (ids, filter, conversationId, turnId, isDescending) => {
        const order = { by: 'llm_ttft', isDescending } as const;
        const place = { sessionId: ids[0] ?? 'x', conversationId, turnId };
        const parameters = new URLSearchParams({ turn: placeText(place), order: orderText(order) ?? '', ids: listText(ids) ?? '' });
        for (const [facet, values] of Object.entries(filter)) parameters.set(`w.${facet}`, listText(values) ?? '');
        const view = viewOf(new URLSearchParams(parameters.toString()));
        expect(view).toMatchObject({ ids, where: filter, selected: place, order });
      }),
    );
  });

  test('has the worst first, and nothing filtered, when it says nothing', () => {
    const view = viewOf(new URLSearchParams());
    expect(view).toMatchObject({ tab: 'turns', ids: [], where: {}, by: null, metric: 'v2v_device', selected: null });
    expect(orderText(view.order)).toBeNull();
  });

  test('is not upset by what somebody typed', () => {
    const view = viewOf(new URLSearchParams('tab=none&by=nothing&metric=x&turn=a/b&order=--&w.x=1'));
    expect(view).toMatchObject({ tab: 'turns', by: null, metric: 'v2v_device', selected: null, where: {} });
  });

  test('leads to the session’s screen at the turn', () => {
    const link = sessionLink({ sessionId: 's/1', conversationId: 'c:1', turnId: 7 });
    expect(link.startsWith('/sessions/s%2F1?')).toBe(true);
    expect(selectedOf(new URLSearchParams(link.split('?')[1]))).toEqual({ kind: 'turn', turnId: 7, conversationId: 'c:1' });
  });
});

describe('the command for the same', () => {
  test('is quoted where a shell would read on', () => {
    const conditions = 'v2v.p95<1200, unanswered==0';
    const command = latencyCommand({ ids: ['a', 'b'], where: { board: ["P/it's"] }, by: 'firmware', conditions });
    expect(command).toBe(`talkbench latency a b --where 'board=P/it'\\''s' --by firmware --assert 'v2v.p95<1200, unanswered==0'`);
    expect(parseAssertions(conditions)).toHaveLength(2);
  });

  test('compares two groups', () => {
    const compare = [['a'], ['b', 'c']] as const;
    expect(latencyCommand({ ids: [], where: {}, by: 'turn', conditions: '', compare })).toBe('talkbench latency --compare a b,c');
  });
});
