import type { LogMark } from '../../preload/contract/logs.ts';
import { isSelected, type LogSelection } from '../lib/log-selection.ts';
import type { LogView } from '../lib/log-view.ts';
import { contentHeight, indexAtScroll, scrollForIndex } from '../lib/virtual-window.ts';
import css from './log-list.module.css';
import { LogRowElement, type RowLook } from './log-row-element.ts';

/** What is painted; `look` must be the same object while rows look the same. */
export interface Painted {
  view: LogView;
  selection: LogSelection;
  look: RowLook;
  current: number | null;
  marks: ReadonlyMap<number, LogMark>;
  isFollowing: boolean;
}

/** A row that keeps its place in the window while its view is exchanged. */
interface Anchor {
  sessionId: string | null;
  seq: number;
  rowsBelowTop: number;
}

/** The scroll bar need not move with every frame; setting it costs a layout. */
const scrollBarMs = 500;
/** Rows stand at multiples of their height from here on, so that their places are small numbers. */
const rowsPerBase = 50_000;
/** A scroll event farther than so many windows is the thumb being dragged, not the wheel. */
const wheelWindows = 3;

/**
 * Draws the rows in sight into a listbox, once a frame at most, and keeps its scroll bar. The rows are pinned to the window, not to
 * the scrolled content: nothing depends on how tall that is, and while the end is followed nothing has to scroll.
 */
export class LogListPainter {
  readonly #box: HTMLElement;
  readonly #idPrefix: string;
  /** Null: this list never follows. */
  readonly #onFollow: ((isFollowing: boolean) => void) | null;
  readonly #stage = document.createElement('div');
  readonly #layer = document.createElement('div');
  readonly #spacer = document.createElement('div');
  readonly #probe = document.createElement('div');
  readonly #rows: LogRowElement[] = [];
  readonly #resizes: ResizeObserver;
  #painted: Painted | null = null;
  #stopListening: (() => void) | null = null;
  #frame: number | null = null;
  #rowPx = 22;
  #windowPx = 0;
  /** The row at the top of the window, counted from the first that is shown; a fraction of it may be above. */
  #top = 0;
  #direction: -1 | 0 | 1 = 0;
  #base = 0;
  #firstDrawn = 0;
  #isFollowing = false;
  /** What the scroll bar stands for: the content's height, and the rows there were when it was set. */
  #spacerPx = -1;
  #spacerRows = 0;
  /** Where the scroll bar stands as far as we know: another place is the reader's doing. */
  #scrollPx = 0;
  #scrolledMs = Number.NEGATIVE_INFINITY;
  /** Where it is to stand from the next frame on. */
  #barPx: number | null = null;
  #synchronisedMs = Number.NEGATIVE_INFINITY;
  #anchor: Anchor | null = null;
  #isLocating = false;
  #generation = 0;
  #sessionId: string | null = null;
  /** Another view's rows are not there yet, or not found: what was shown stays. */
  #isWaiting = false;
  #trailing: ReturnType<typeof setTimeout> | null = null;

  constructor(box: HTMLElement, idPrefix: string, onFollow: ((isFollowing: boolean) => void) | null) {
    this.#box = box;
    this.#idPrefix = idPrefix;
    this.#onFollow = onFollow;
    this.#stage.className = css.stage ?? '';
    this.#layer.className = css.layer ?? '';
    this.#spacer.className = css.spacer ?? '';
    this.#probe.className = css.probe ?? '';
    for (const element of [this.#stage, this.#layer, this.#spacer, this.#probe]) element.role = 'presentation';
    this.#stage.append(this.#layer);
    box.append(this.#stage, this.#spacer, this.#probe);
    this.#resizes = new ResizeObserver((entries) => this.#resized(entries));
    this.#resizes.observe(box);
    this.#resizes.observe(this.#probe);
    box.addEventListener('scroll', this.#onScroll, { passive: true });
  }

  dispose(): void {
    this.#stopListening?.();
    this.#resizes.disconnect();
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    if (this.#trailing !== null) clearTimeout(this.#trailing);
    this.#box.removeEventListener('scroll', this.#onScroll);
    this.#box.removeEventListener('wheel', this.#onWheel);
    this.#box.replaceChildren();
  }

  /** Whole rows in the window. */
  get windowRows(): number {
    return Math.max(1, Math.floor(this.#windowPx / this.#rowPx));
  }

  /** The first row that is seen whole: where a reader who chose none is. */
  get topIndex(): number {
    return (this.#painted?.view.start ?? 0) + Math.ceil(this.#top - 0.01);
  }

  get rowPx(): number {
    return this.#rowPx;
  }

  /** The row at so many pixels below the top of the window. */
  indexAt(y: number): number | null {
    const view = this.#painted?.view;
    const position = Math.floor(this.#top + y / this.#rowPx);
    return view === undefined || this.#count() === 0 ? null : view.start + Math.min(Math.max(0, position), this.#count() - 1);
  }

  scrollBy(rows: number): void {
    this.#goTo(this.#top + rows);
  }

  update(painted: Painted): void {
    const before = this.#painted;
    if (before?.view !== painted.view) {
      if (before !== null) this.#rememberPlace();
      this.#stopListening?.();
      this.#stopListening = painted.view.listen(() => this.#paint());
      this.#isWaiting = true;
    }
    this.#painted = painted;
    // Between a scroll and the render that follows from it, the old word is not news.
    if (before === null || before.isFollowing !== painted.isFollowing) this.#isFollowing = painted.isFollowing;
    if (this.#isFollowing) this.#anchor = null;
    this.#schedule();
  }

  /** Brings a row into sight: 'nearest' scrolls as little as possible, 'centre' only when it is not seen. */
  reveal(index: number, how: 'nearest' | 'centre'): void {
    const view = this.#painted?.view;
    if (view === undefined) return;
    const row = index - view.start;
    const rows = this.#windowPx / this.#rowPx;
    if (row >= this.#top && row + 1 <= this.#top + rows) return;
    this.#goTo(how === 'centre' ? row - rows / 2 : row < this.#top ? row : row + 1 - rows);
  }

  toStart(): void {
    this.#goTo(0);
  }

  toEnd(): void {
    this.#goTo(Number.POSITIVE_INFINITY);
    this.#follow(true);
  }

  #count(): number {
    const view = this.#painted?.view;
    return view === undefined ? 0 : view.length - view.start;
  }

  #lastTop(): number {
    return Math.max(0, this.#count() - this.#windowPx / this.#rowPx);
  }

  #goTo(top: number): void {
    this.#anchor = null;
    this.#follow(false);
    this.#moveTo(top);
    this.#synchronisedMs = Number.NEGATIVE_INFINITY;
  }

  #moveTo(top: number): void {
    const next = Math.min(Math.max(0, top), this.#lastTop());
    this.#direction = next > this.#top ? 1 : -1;
    this.#top = next;
    this.#schedule();
  }

  #follow(isFollowing: boolean): void {
    if (this.#onFollow === null || isFollowing === this.#isFollowing) return;
    this.#isFollowing = isFollowing;
    this.#onFollow(isFollowing);
  }

  #schedule(): void {
    this.#frame ??= requestAnimationFrame(() => this.#paint());
  }

  #resized(entries: readonly ResizeObserverEntry[]): void {
    for (const { target, contentRect } of entries)
      if (target === this.#probe) this.#rowPx = Math.max(1, contentRect.height);
      else {
        this.#windowPx = contentRect.height;
        // A window that has grown takes the bar along, and that is not the reader's doing.
        this.#scrollPx = this.#box.scrollTop;
      }
    this.#stage.style.height = `${this.#windowPx}px`;
    this.#synchronisedMs = Number.NEGATIVE_INFINITY;
    this.#schedule();
  }

  readonly #onScroll = (): void => {
    const scrollPx = this.#box.scrollTop;
    const movedPx = scrollPx - this.#scrollPx;
    if (Math.abs(movedPx) < 1) return; // ours
    this.#barPx = null;
    this.#scrollPx = scrollPx;
    this.#scrolledMs = performance.now();
    // While the end is followed the bar is a moment behind the rows: the wheel means a distance, only a dragged thumb a place.
    const isDistance = this.#isFollowing && Math.abs(movedPx) <= wheelWindows * this.#windowPx;
    if (isDistance) this.#synchronisedMs = Number.NEGATIVE_INFINITY;
    this.#movedByReader(
      isDistance ? this.#top + movedPx / this.#rowPx : indexAtScroll(scrollPx, this.#windowPx, this.#spacerRows, this.#rowPx),
    );
  };

  /** In a log taller than any page a pixel of the scroll bar is many rows; the wheel still moves by rows. */
  readonly #onWheel = (event: WheelEvent): void => {
    if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
    event.preventDefault();
    const px = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? event.deltaY : event.deltaY * this.#rowPx;
    this.#movedByReader(this.#top + px / this.#rowPx);
    this.#synchronisedMs = Number.NEGATIVE_INFINITY;
  };

  #movedByReader(top: number): void {
    this.#anchor = null;
    this.#moveTo(top);
    this.#follow(this.#top >= this.#lastTop() - 0.5);
  }

  /** Before other rows take their place: which row is read, and where it stands. */
  #rememberPlace(): void {
    if (this.#isFollowing || this.#anchor !== null) return;
    const drawn = this.#rows.flatMap(({ facts }) => (facts?.row === undefined ? [] : [{ ...facts, seq: facts.row.seq }]));
    const start = this.#painted?.view.start ?? 0;
    const isSeen = ({ index }: { index: number }): boolean => index - start >= this.#top - 0.5;
    const read = drawn.find(({ isFocus }) => isFocus) ?? drawn.filter(isSeen).toSorted((a, b) => a.index - b.index)[0];
    if (read !== undefined) this.#anchor = { sessionId: this.#sessionId, seq: read.seq, rowsBelowTop: read.index - start - this.#top };
  }

  /** Finds the anchored row in the view that has come; asked again with every change until the view has got so far. */
  async #findAnchor(view: LogView, anchor: Anchor): Promise<void> {
    if (this.#isLocating) return;
    this.#isLocating = true;
    try {
      const place = await view.locate({ seq: anchor.seq });
      if (this.#anchor !== anchor || this.#painted?.view !== view) return;
      this.#moveTo(place.index - view.start - anchor.rowsBelowTop);
      if (place.seq !== null || view.judgedRows >= view.totalRows) this.#anchor = null;
    } catch {
      if (this.#anchor === anchor) this.#anchor = null; // the connection is gone, or the filter is none
    } finally {
      this.#isLocating = false;
      this.#isWaiting = false;
      this.#synchronisedMs = Number.NEGATIVE_INFINITY;
      this.#schedule();
    }
  }

  #paint(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    const painted = this.#painted;
    if (painted === null || this.#windowPx === 0) return;
    this.#moveBar();
    const { view } = painted;
    // What was shown stays until the other view has something to show instead.
    if (this.#isWaiting && !view.isReady && view.problem === undefined) return;
    if (view.generation !== this.#generation) {
      this.#generation = view.generation;
      // Within one view another log has come, or the same one again; of two that nobody records nobody can tell.
      if (!this.#isWaiting && view.sessionId !== null) this.#rememberPlace();
      this.#isWaiting = true;
    }
    if (this.#anchor !== null && this.#anchor.sessionId !== view.sessionId) this.#anchor = null;
    if (this.#anchor === null) this.#isWaiting = false;
    else void this.#findAnchor(view, this.#anchor); // never rejects
    if (this.#isWaiting) return;
    this.#sessionId = view.sessionId;

    const top = this.#isFollowing ? this.#lastTop() : Math.min(this.#top, this.#lastTop());
    this.#top = top;
    this.#box.toggleAttribute('data-following', this.#isFollowing);
    this.#drawRows(painted, top);
    this.#synchroniseScrollBar();
  }

  #drawRows({ view, selection, look, current, marks }: Painted, top: number): void {
    const { start } = view;
    const count = this.#count();
    const first = Math.floor(top);
    const last = Math.min(count, Math.ceil(top + this.#windowPx / this.#rowPx));
    view.want(start + first, start + last, this.#isFollowing ? 0 : this.#direction);
    this.#fitPool(Math.ceil(this.#windowPx / this.#rowPx) + 1);
    // Where no row stays, none of the elements has to move: only their text changes.
    const isElsewhere = Math.abs(first - this.#firstDrawn) >= this.#rows.length;
    if (isElsewhere || Math.abs(first - this.#base) > rowsPerBase) this.#base = first;
    this.#rotatePool(first);
    let focused = '';
    for (let position = first; position < last; position++) {
      const index = start + position;
      const element = this.#rows[position - first];
      if (element === undefined) break;
      const row = view.row(index);
      const id = `${this.#idPrefix}${index}`;
      const isFocus = selection.focus === index;
      if (isFocus) focused = id;
      element.draw(
        {
          index,
          row,
          above: position > 0 ? view.row(index - 1) : undefined,
          repeats: view.repeats(index),
          mark: row === undefined ? undefined : marks.get(row.seq),
          isSelected: isSelected(selection, index),
          isFocus,
          isCurrent: current === index,
        },
        look,
        id,
        position + 1,
        count,
      );
      element.place((position - this.#base) * this.#rowPx);
    }
    for (const element of this.#rows.slice(Math.max(0, last - first))) element.hide();
    this.#layer.style.transform = `translateY(${Math.round((this.#base - top) * this.#rowPx)}px)`;
    if (focused === '') this.#box.removeAttribute('aria-activedescendant');
    else this.#box.setAttribute('aria-activedescendant', focused);
  }

  #fitPool(size: number): void {
    while (this.#rows.length < size) {
      const row = new LogRowElement();
      this.#rows.push(row);
      this.#layer.append(row.element);
    }
    for (const row of this.#rows.splice(size)) row.element.remove();
  }

  /** Rows that stay in sight keep their elements, and elements stand in the order of their rows: that is how they are read aloud. */
  #rotatePool(first: number): void {
    const by = first - this.#firstDrawn;
    this.#firstDrawn = first;
    if (by === 0 || Math.abs(by) >= this.#rows.length) return;
    const moved = by > 0 ? this.#rows.splice(0, by) : this.#rows.splice(by);
    if (by > 0) {
      this.#rows.push(...moved);
      this.#layer.append(...moved.map(({ element }) => element));
    } else {
      this.#rows.unshift(...moved);
      this.#layer.prepend(...moved.map(({ element }) => element));
    }
  }

  #synchroniseScrollBar(): void {
    const now = performance.now();
    const count = this.#count();
    const contentPx = contentHeight(count, this.#rowPx);
    const scrollPx = scrollForIndex(this.#top, this.#windowPx, count, this.#rowPx);
    // The first bar is waited for: without it nobody can scroll.
    const isDue = now - this.#synchronisedMs >= scrollBarMs || this.#spacerPx <= this.#windowPx;
    // A thumb that is dragged must not be moved under the reader's hand.
    const isFree = this.#synchronisedMs === Number.NEGATIVE_INFINITY || contentPx < this.#spacerPx || now - this.#scrolledMs > scrollBarMs;
    const isMoved = Math.abs(scrollPx - this.#scrollPx) >= 1;
    if (contentPx === this.#spacerPx && !isMoved) return;
    if (!isDue || (isMoved && !isFree)) {
      this.#trailing ??= setTimeout(() => {
        this.#trailing = null;
        this.#schedule();
      }, scrollBarMs);
      if (!isDue) return;
    }
    this.#synchronisedMs = now;
    this.#spacerRows = count;
    const isShrunk = contentPx < this.#spacerPx;
    if (contentPx !== this.#spacerPx) {
      this.#spacerPx = contentPx;
      this.#spacer.style.height = `${contentPx}px`;
      // Whoever scrolls with the wheel waits for a listener that may prevent it, so there is one only where it is needed.
      this.#box.removeEventListener('wheel', this.#onWheel);
      if (contentPx < count * this.#rowPx) this.#box.addEventListener('wheel', this.#onWheel, { passive: false });
    }
    if (!isMoved || !isFree) return;
    this.#barPx = scrollPx;
    // Content that has shrunk takes the bar along, and that must not look like the reader's doing.
    if (isShrunk) this.#moveBar();
    else this.#schedule();
  }

  /** At the beginning of a frame, while the page is laid out: after a change it would have to be laid out for this alone. */
  #moveBar(): void {
    if (this.#barPx === null) return;
    this.#box.scrollTop = this.#barPx;
    this.#scrollPx = this.#box.scrollTop;
    this.#barPx = null;
  }
}
