import type { LogListPainter } from './log-list-painter.ts';

/** Rows a second that the list moves for each row's height the pointer is beyond its edge. */
const rowsPerSecond = 30;
/** A page that was held up for longer does not make up for it: the reader would overshoot. */
const longestStepMs = 250;

export interface Drag {
  /** More than one row has been under the pointer: it is rows that are selected, not text of one. */
  readonly hasMoved: boolean;
  cancel(): void;
}

/**
 * Follows a pressed pointer over a list. Within one row it marks text, which is the browser's affair; from the second row on it
 * selects rows, and beyond an edge the list moves along.
 */
export function followDrag(box: HTMLElement, painter: LogListPainter, from: number, onRow: (index: number) => void): Drag {
  const { top, bottom } = box.getBoundingClientRect();
  let pointerY = 0;
  let last = from;
  let hasMoved = false;
  let frame: number | null = null;
  /** When the list last moved along; null while the pointer is over it. */
  let movedMs: number | null = null;

  function look(): void {
    const index = painter.indexAt(Math.min(Math.max(pointerY, top), bottom - 1) - top);
    if (index === null || index === last) return;
    hasMoved = true;
    last = index;
    window.getSelection()?.removeAllRanges();
    onRow(index);
  }
  // By the time that went by, not by frames: on a slow machine there are few of them.
  function moveAlong(nowMs: number): void {
    frame = null;
    const beyondPx = pointerY < top ? pointerY - top : pointerY >= bottom ? pointerY - bottom + 1 : 0;
    const stepMs = Math.min(longestStepMs, nowMs - (movedMs ?? nowMs));
    movedMs = beyondPx === 0 ? null : nowMs;
    if (beyondPx === 0) return;
    painter.scrollBy((beyondPx / painter.rowPx) * rowsPerSecond * (stepMs / 1000));
    look();
    frame = requestAnimationFrame(moveAlong);
  }
  function onMove(event: PointerEvent): void {
    pointerY = event.clientY;
    look();
    frame ??= requestAnimationFrame(moveAlong);
  }
  function cancel(): void {
    window.removeEventListener('pointermove', onMove);
    window.removeEventListener('pointerup', cancel);
    window.removeEventListener('pointercancel', cancel);
    document.removeEventListener('selectionchange', onSelectionChange);
    if (frame !== null) cancelAnimationFrame(frame);
  }
  // Text is not marked across rows: what would be copied is only what happens to be drawn.
  function onSelectionChange(): void {
    if (hasMoved && window.getSelection()?.isCollapsed === false) window.getSelection()?.removeAllRanges();
  }
  window.addEventListener('pointermove', onMove);
  window.addEventListener('pointerup', cancel);
  window.addEventListener('pointercancel', cancel);
  document.addEventListener('selectionchange', onSelectionChange);
  return {
    get hasMoved() {
      return hasMoved;
    },
    cancel,
  };
}
