import { z } from 'zod';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { check } from '../../check.ts';
import { heapSamples } from './heap-samples.ts';
import { trendOf } from './trend.ts';

/** Of the conversation, until what is allocated once has been. */
const WARM_UP = 0.1;
/** A board that tells nothing of its heap for so long will not. */
const SILENCE_S = 75;
const MOST_POINTS = 2000;

const topics = {
  zh: ['你好', '今天天气怎么样', '讲一个笑话', '一加一等于几'],
  en: ['Hello', 'How is the weather today', 'Tell me a joke', 'What is one plus one'],
};

/** Free heap over a conversation: whether it falls, and how certain that is. */
export const leak = check({
  name: 'memory.leak',
  group: 'memory',
  needs: ['device', 'conversation'],
  parameters: z.strictObject({
    minutes: z.number().min(0.05).max(1440).default(10),
    /** A turn every so often. */
    turnEveryS: z.number().min(1).max(600).default(15),
    connectS: z.number().min(1).max(600).default(30),
  }),
  values: [
    { name: 'leakBytesPerMin', unit: 'bytes/min', limit: { max: 1024 }, next: 'leak' },
    { name: 'slopeBytesPerMin', unit: 'bytes/min' },
    { name: 'slopeLowBytesPerMin', unit: 'bytes/min' },
    { name: 'slopeHighBytesPerMin', unit: 'bytes/min' },
    { name: 'samples', unit: 'count' },
    { name: 'minutesLeft' },
  ],
  nexts: ['leak'],
  async measure(bench, { minutes, turnEveryS, connectS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if ((await device.connected(connectS * 1000)) === null) return { skipped: 'no-conversation' };
    const startUs = bench.clock.nowUs();
    const endUs = startUs + minutes * 60e6;
    for (let turn = 0; bench.clock.nowUs() < endUs; turn++) {
      // Idle for long, some boards hang up.
      if (device.conversationId() === null) await device.connected(connectS * 1000);
      say(topics[bench.language][turn % topics[bench.language].length] ?? '');
      await bench.sleep(Math.min(turnEveryS * 1000, (endUs - bench.clock.nowUs()) / 1000));
      const nowUs = bench.clock.nowUs();
      bench.progress((nowUs - startUs) / (endUs - startUs));
      if (nowUs - startUs > SILENCE_S * 1e6 && heapSamples(bench, startUs).length === 0) return { skipped: 'not-in-log' };
    }
    function say(text: string): void {
      try {
        if (device?.conversationId() != null) device.text(text);
      } catch (error) {
        // It ended at this moment: the next turn opens another.
        if (!isTalkError(error, 'not-found')) throw error;
      }
    }
    const samples = heapSamples(bench, startUs + (endUs - startUs) * WARM_UP);
    if (samples.length === 0) return { skipped: 'not-in-log' };
    const points = samples.map(({ atUs, freeBytes }) => [(atUs - startUs) / 60e6, freeBytes] as const);
    const trend = trendOf(points);
    if (trend === null) return { skipped: 'too-short' };
    const falling = -trend.slope;
    // Certain only where all that the slope may be is a fall.
    const leakBytes = trend.high < 0 ? falling : 0;
    const lastBytes = samples.at(-1)?.freeBytes ?? 0;
    const each = Math.ceil(points.length / MOST_POINTS);
    return {
      values: {
        leakBytesPerMin: Math.round(leakBytes),
        slopeBytesPerMin: Math.round(trend.slope),
        slopeLowBytesPerMin: Math.round(trend.low),
        slopeHighBytesPerMin: Math.round(trend.high),
        samples: samples.length,
        ...(leakBytes > 0 && { minutesLeft: Math.round(lastBytes / leakBytes) }),
      },
      evidence: [
        {
          kind: 'curve',
          label: 'heap',
          x: 'timeS',
          y: 'freeBytes',
          points: points
            .filter((_, index) => index % each === 0)
            .map(([atMinutes, freeBytes]) => [Math.round(atMinutes * 600) / 10, freeBytes]),
        },
      ],
    };
  },
});
