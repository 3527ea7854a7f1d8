import { describe, expect, it } from 'vitest';
import type { LogRow } from '../../../../../preload/contract/logs.ts';
import { columnsWithin } from '../../../../../renderer/features/monitor/display.ts';
import { histogramPaths, shareOf, timeAtShare } from '../../../../../renderer/features/monitor/histogram.ts';
import { frameOf, placeOf, pointsAt, ticksBetween } from '../../../../../renderer/features/monitor/plot-drawing.ts';
import { rowsForPlot } from '../../../../../renderer/features/monitor/plot-rows.ts';
import { usualColumns } from '../../../../../renderer/lib/log-columns.ts';

const counts = { error: [0, 1], warn: [0, 0], info: [0, 999], other: [0, 0] };

describe('the severity strip', () => {
  it('shows one error among a thousand rows, and nothing where there is none', () => {
    const paths = histogramPaths({ counts });
    const height = Number(/v-([\d.]+)/.exec(paths.error)?.[1]);
    expect(height).toBeGreaterThan(2);
    expect(paths.error).not.toContain('M0.08');
    expect(paths.warn).toBe('');
  });

  it('finds an instant’s place and back, also outside', () => {
    const range = { fromUs: 100, toUs: 300 };
    expect(timeAtShare(range, shareOf(range, 150))).toBe(150);
    expect([shareOf(range, 0), shareOf(range, 999), shareOf({ fromUs: 5, toUs: 5 }, 5)]).toEqual([0, 1, 0]);
  });
});

describe('the plot', () => {
  const series = [{ name: 'x', points: [0, 10, 20].map((atUs) => ({ atUs, value: atUs * 2, seq: atUs })) }];

  it('has every value inside its frame, and a line of equal values too', () => {
    for (const points of [series[0]?.points ?? [], [{ atUs: 5, value: 3, seq: 0 }]]) {
      const frame = frameOf([{ name: 'x', points }], 300, 200, { least: null, most: null });
      if (frame === null) throw new Error('no frame');
      for (const point of points) {
        const { x, y } = placeOf(frame, point);
        expect(x >= frame.left && x <= frame.left + frame.width && y >= frame.top && y <= frame.top + frame.height).toBe(true);
      }
    }
    expect(frameOf([], 300, 200, { least: null, most: null })).toBeNull();
  });

  it('reads the point nearest to the pointer', () => {
    const frame = frameOf(series, 300, 200, { least: null, most: null });
    if (frame === null) throw new Error('no frame');
    const near = (share: number) => pointsAt(frame, series, frame.left + share * frame.width)[0]?.point.atUs;
    expect([near(0), near(0.2), near(0.3), near(0.9), near(2)]).toEqual([0, 0, 10, 20, 20]);
  });

  it('has round numbers at its side', () => {
    expect(ticksBetween(0, 100)).toEqual([0, 50, 100]);
    expect(ticksBetween(5, 5)).toEqual([]);
  });

  it('takes few rows whole and spreads over many', async () => {
    const asked: [number, number][] = [];
    const view = {
      rows: async (from: number, limit: number) => {
        asked.push([from, limit]);
        return [] as LogRow[];
      },
    };
    expect(await rowsForPlot(view, 10, 500)).toEqual({ rows: [], isSampled: false });
    expect(asked).toEqual([[10, 490]]);
    asked.length = 0;
    expect((await rowsForPlot(view, 0, 1_000_000)).isSampled).toBe(true);
    expect(asked).toHaveLength(20);
    expect(asked.at(-1)).toEqual([999_750, 250]);
  });
});

describe('columns in a narrow pane', () => {
  it('give way to the text, widest first', () => {
    const shown = (width: number) => columnsWithin(width, usualColumns);
    expect([shown(0).deviceTime, shown(900).deviceTime, shown(600).deviceTime, shown(600).tag, shown(400).tag]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ]);
  });
});
