import type { LogMark, LogRow } from '../../preload/contract/logs.ts';
import type { HighlightColour, IsPale, LogBytesMode, LogColumns, PortLooks } from '../lib/log-columns.ts';
import { clockText, deltaText, shownText } from '../lib/log-row-text.ts';
import { instantText } from '../lib/quantities.ts';
import { marksOf, spansOf, type TextMark } from '../lib/text-spans.ts';
import css from './log-list.module.css';

/** How every row of a list is drawn. A new object draws all of them again. */
export interface RowLook {
  columns: LogColumns;
  mode: LogBytesMode;
  portLooks: PortLooks | null;
  isPale: IsPale | null;
  highlights: readonly { expression: RegExp; colour: HighlightColour }[];
  find: RegExp | null;
  /** Wall time of `atUs` 0. */
  startedWallMs: number;
  words: { bookmark: string; repeated(count: number): string; notice(row: LogRow): string | null };
}

/** All that one row's drawing depends on. */
export interface RowFacts {
  index: number;
  /** Undefined while it is being loaded. */
  row: LogRow | undefined;
  /** The row above in the view, where it is known. */
  above: LogRow | undefined;
  repeats: number;
  mark: LogMark | undefined;
  isSelected: boolean;
  isFocus: boolean;
  isCurrent: boolean;
}

/**
 * The element of one row, made once and used for whichever row stands in its place: at a thousand lines in a frame nothing but text
 * may change. What a board printed is only ever set as text.
 */
export class LogRowElement {
  readonly element = document.createElement('div');
  readonly #gutter = cell(css.gutter);
  readonly #time = cell(css.time);
  readonly #device = cell(css.device);
  readonly #port = cell(css.port);
  readonly #level = cell(css.level);
  readonly #tag = cell(css.tag);
  readonly #message = cell(css.message);
  readonly #repeats = cell(css.repeats);
  readonly #chip = cell(css.chip);
  readonly #text = cell(css.text);
  #facts: RowFacts | null = null;
  #look: RowLook | null = null;
  #y = Number.NaN;
  #portColour = '';

  constructor() {
    this.element.className = css.row ?? '';
    this.element.setAttribute('role', 'option');
    this.element.hidden = true;
    this.#message.append(this.#repeats, this.#chip, this.#text);
    this.element.append(this.#gutter, this.#time, this.#device, this.#port, this.#level, this.#tag, this.#message);
  }

  get facts(): RowFacts | null {
    return this.#facts;
  }

  /** Out of sight, and of no row, until it is drawn again. */
  hide(): void {
    if (this.#facts === null) return;
    this.#facts = null;
    this.element.hidden = true;
    this.element.removeAttribute('id');
  }

  /** Where it stands, in pixels from the top of what holds it. */
  place(y: number): void {
    if (y === this.#y) return;
    this.#y = y;
    this.element.style.top = `${y}px`;
  }

  /** `position` counts from 1 in a list of `total`. The total alone is no reason to touch an element. */
  draw(facts: RowFacts, look: RowLook, id: string, position: number, total: number): void {
    const before = this.#facts;
    const isNew = before === null || before.index !== facts.index || look !== this.#look;
    this.#facts = facts;
    this.#look = look;
    const { element } = this;
    if (isNew) {
      element.hidden = false;
      element.id = id;
      element.dataset.index = String(facts.index);
      element.ariaPosInSet = String(position);
      element.ariaSetSize = String(total);
    }
    if (isNew || before.isSelected !== facts.isSelected) element.ariaSelected = String(facts.isSelected);
    if (isNew || before.isFocus !== facts.isFocus) element.toggleAttribute('data-focus', facts.isFocus);
    if (isNew || before.isCurrent !== facts.isCurrent) element.toggleAttribute('data-current', facts.isCurrent);
    if (isNew || before.mark !== facts.mark) this.#drawMark(facts.mark, look);
    if (isNew || before.repeats !== facts.repeats) {
      setText(this.#repeats, facts.repeats > 1 ? `×${facts.repeats}` : '');
      setTitle(this.#repeats, facts.repeats > 1 ? look.words.repeated(facts.repeats) : '');
    }
    const isOther = isNew || before.row !== facts.row;
    if (isOther || before.isCurrent !== facts.isCurrent) {
      const notice = facts.row?.direction === 'notice' ? look.words.notice(facts.row) : null;
      if (isOther) this.#drawRow(facts.row, look, notice !== null);
      this.#drawText(facts, look, notice);
    }
    if (isOther || before.above !== facts.above) this.#drawTime(facts, look);
  }

  /** On the cell, not the row: a property of its own is inherited, and would have every cell styled again. */
  #setPortColour(colour: string): void {
    if (colour === this.#portColour) return;
    this.#portColour = colour;
    this.#port.style.setProperty('--port', colour);
  }

  #drawMark(mark: LogMark | undefined, { words }: RowLook): void {
    setText(this.#gutter, mark === undefined ? '' : '●');
    setAttribute(this.#gutter, 'data-colour', mark?.colour);
    setTitle(this.#gutter, mark === undefined ? '' : mark.note || words.bookmark);
  }

  #drawRow(row: LogRow | undefined, { columns, portLooks, isPale, find }: RowLook, isNotice: boolean): void {
    const { element } = this;
    setAttribute(element, 'data-level', row?.level);
    setAttribute(element, 'data-direction', row?.direction);
    element.toggleAttribute('data-continues', row?.continues !== undefined);
    element.toggleAttribute('data-pale', row !== undefined && isPale?.(row) === true);
    if (columns.deviceTime) setText(this.#device, row?.deviceTime ?? row?.deviceMs?.toString() ?? '');
    if (columns.port) {
      const look = row === undefined ? undefined : portLooks?.(row.port);
      setText(this.#port, look?.name ?? row?.port ?? '');
      this.#setPortColour(look?.colour ?? 'transparent');
    }
    if (columns.level) setText(this.#level, row?.level?.[0]?.toUpperCase() ?? (row?.direction === 'sent' ? '›' : ''));
    if (columns.tag) {
      const tag = row?.tag ?? row?.file ?? '';
      setTitle(this.#tag, tag);
      fill(this.#tag, tag, find === null ? [] : marksOf(tag, find, 'match'));
    }
    // A notice is a sentence of ours; its event would say the same again.
    setText(this.#chip, isNotice ? '' : (row?.event ?? ''));
  }

  #drawText({ row, isCurrent }: RowFacts, { columns, mode, highlights, find }: RowLook, notice: string | null): void {
    if (row === undefined) {
      setText(this.#text, '…');
      return;
    }
    const { text, colours } = notice === null ? shownText(row, mode, columns.text, isCurrent ? find : null) : { text: notice, colours: [] };
    let marks: TextMark[] = colours;
    for (const { expression, colour } of highlights) marks = marks.concat(marksOf(text, expression, colour));
    if (find !== null) marks = marks.concat(marksOf(text, find, 'match'));
    fill(this.#text, text, marks);
  }

  #drawTime({ row, above }: RowFacts, { columns, startedWallMs }: RowLook): void {
    if (columns.hostTime === 'none') return;
    setText(this.#time, row === undefined || row.event === 'log.lost' ? '' : timeText(row, above, columns.hostTime, startedWallMs));
  }
}

function timeText(row: LogRow, above: LogRow | undefined, form: LogColumns['hostTime'], startedWallMs: number): string {
  if (form === 'wall') return clockText(startedWallMs + row.atUs / 1000);
  if (form === 'elapsed') return instantText(row.atUs);
  return above === undefined ? '' : deltaText(row.atUs - above.atUs);
}

function cell(className: string | undefined): HTMLElement {
  const element = document.createElement('span');
  element.className = className ?? '';
  element.append('');
  return element;
}

/** Touches nothing when the text is the same. */
function setText(element: HTMLElement, text: string): void {
  const node = element.firstChild;
  if (!(node instanceof Text) || node.nextSibling !== null) element.replaceChildren(text);
  else if (node.data !== text) node.data = text;
}

/** Text with its marks: one text node where it looks one way, a span for each stretch otherwise. */
function fill(element: HTMLElement, text: string, marks: readonly TextMark[]): void {
  const spans = spansOf(text, marks);
  if (spans.every(({ names }) => names === '')) {
    setText(element, text);
    return;
  }
  const held = element.firstElementChild;
  if (spans.length === 1 && held instanceof HTMLElement && held === element.firstChild && held.nextSibling === null) {
    held.className = classesOf(spans[0]?.names ?? '');
    setText(held, text);
    return;
  }
  element.replaceChildren(
    ...spans.map(({ text: part, names }) => {
      if (names === '') return part;
      const span = document.createElement('span');
      span.className = classesOf(names);
      span.textContent = part;
      return span;
    }),
  );
}

function classesOf(names: string): string {
  return names
    .split(' ')
    .map((name) => css[name] ?? '')
    .join(' ');
}

function setTitle(element: HTMLElement, title: string): void {
  if (element.title !== title) element.title = title;
}

function setAttribute(element: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
