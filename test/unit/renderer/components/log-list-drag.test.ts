import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Drag, followDrag } from '../../../../renderer/components/log-list-drag.ts';
import type { LogListPainter } from '../../../../renderer/components/log-list-painter.ts';

const rowPx = 20;
/** Ten rows from 100 px down. */
const box = { getBoundingClientRect: () => ({ top: 100, bottom: 300 }) } as HTMLElement;

/** A list of a thousand rows that stands somewhere in them, without a page to draw them on. */
class StandingList {
  top = 500;
  readonly rowPx = rowPx;

  indexAt(y: number): number {
    return Math.min(Math.max(0, Math.floor(this.top + y / rowPx)), 999);
  }

  scrollBy(rows: number): void {
    this.top = Math.min(Math.max(0, this.top + rows), 990);
  }
}

let nextFrame: ((nowMs: number) => void) | null = null;
let nowMs = 0;
let list: StandingList;
let selected: number[];

beforeEach(() => {
  nowMs = 0;
  nextFrame = null;
  list = new StandingList();
  selected = [];
  vi.stubGlobal('window', Object.assign(new EventTarget(), { getSelection: () => null }));
  vi.stubGlobal('document', new EventTarget());
  vi.stubGlobal('requestAnimationFrame', (callback: (nowMs: number) => void) => {
    nextFrame = callback;
    return 1;
  });
  vi.stubGlobal('cancelAnimationFrame', () => {
    nextFrame = null;
  });
});
afterEach(() => vi.unstubAllGlobals());

function press(from: number): Drag {
  return followDrag(box, list as unknown as LogListPainter, from, (index) => selected.push(index));
}

function moveTo(clientY: number): void {
  window.dispatchEvent(Object.assign(new Event('pointermove'), { clientY }));
}

/** So many frames, each so long after the one before it. */
function frames(count: number, everyMs: number): void {
  for (let each = 0; each < count; each++) {
    const run = nextFrame;
    nextFrame = null;
    nowMs += everyMs;
    run?.(nowMs);
  }
}

/** How far the list has moved after a second of frames. */
function movedInOneSecond(everyMs: number): number {
  list.top = 500;
  const drag = press(505);
  moveTo(100 - 2 * rowPx);
  frames(1, everyMs);
  frames(1000 / everyMs, everyMs);
  drag.cancel();
  return 500 - list.top;
}

describe('a drag beyond the edge', () => {
  test('moves the list as far in a second on a slow machine as on a quick one', () => {
    const moved = movedInOneSecond(10);
    expect(moved).toBeCloseTo(60);
    expect(movedInOneSecond(100)).toBeCloseTo(moved);
    expect(movedInOneSecond(250)).toBeCloseTo(moved);
  });

  test('a page that stood still for long does not jump', () => {
    press(505);
    moveTo(100 - 2 * rowPx);
    frames(1, 16);
    frames(1, 5000);
    expect(list.top).toBeCloseTo(485);
  });

  test('time over the list does not count', () => {
    press(505);
    moveTo(99);
    frames(2, 16);
    moveTo(150);
    frames(1, 16);
    const { top } = list;
    nowMs += 200;
    moveTo(100 - rowPx);
    frames(1, 16);
    expect(list.top).toBe(top);
    frames(1, 100);
    expect(list.top).toBeCloseTo(top - 3);
  });

  test('selects to the row at the edge as it moves, and ends with the button', () => {
    press(505);
    moveTo(100 - rowPx);
    expect(selected).toEqual([500]);
    frames(1, 100);
    frames(1, 100);
    expect(selected).toEqual([500, 497]);
    window.dispatchEvent(new Event('pointerup'));
    frames(5, 100);
    expect(list.top).toBeCloseTo(497);
  });
});
