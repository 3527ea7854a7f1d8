import { expect, test } from 'vitest';
import { type LatencyRow, latencyFacets, latencyMetrics } from '../../../../../preload/contract/latency.ts';
import { csvOf } from '../../../../../renderer/features/latency/exports.ts';

test('a turn’s row has a cell for everything, empty where it is not known, and no formula of a device’s making', () => {
  const facets = Object.fromEntries(latencyFacets.map((facet) => [facet, 'unknown'])) as LatencyRow['facets'];
  const row: LatencyRow = {
    ...{ sessionId: 's', conversationId: 'c', turnId: 3, startedUs: 1000, initiator: 'user-speech', outcome: null, isCensored: false },
    userText: '=SUM(A1), "yes"\nno',
    facets,
    values: { v2v_device: 812.5, unexplained: 0 },
  };
  const [head, line] = csvOf([row]).split('\r\n');
  expect(head?.split(',')).toEqual(expect.arrayContaining(['session', 'turn', 'engine.llm', 'v2v_device', 'user_text']));
  expect(line?.startsWith('s,c,3,1000,user-speech,,0,')).toBe(true);
  expect(line).toContain(`,812.5,${','.repeat(latencyMetrics.indexOf('unexplained') - latencyMetrics.indexOf('v2v_device') - 1)}0,`);
  expect(line?.endsWith(`,"'=SUM(A1), ""yes""\nno"`)).toBe(true);
});
