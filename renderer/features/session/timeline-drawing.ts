import type { TimelineTone } from '../../../preload/contract/timeline.ts';
import { instantText } from '../../lib/quantities.ts';
import { type TimeView, ticksOf, usToX } from '../../lib/time-axis.ts';
import { axisHeight } from './timeline/lane-places.ts';
import { type Colour, coloursOf, type Pixels } from './timeline/pixels.ts';

export interface Palette {
  panel: Colour;
  raised: Colour;
  line: Colour;
  accent: Colour;
  selected: Colour;
  tones: Record<TimelineTone, Colour>;
  /** Of text on the ground, pale, and on what is dark. */
  words: Record<'text' | 'quiet' | 'panel', string>;
}

const toneColours: Record<TimelineTone, string> = {
  user: '--user',
  agent: '--agent',
  engine: '--owner-engine',
  setting: '--owner-setting',
  pipeline: '--owner-pipeline',
  device: '--owner-device',
  quiet: '--line-strong',
  warn: '--warning',
  error: '--danger',
  up: '--user',
  down: '--agent',
  unheard: '--agent',
};

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const written = (name: string): string => style.getPropertyValue(name).trim();
  const tones = Object.entries(toneColours) as [TimelineTone, string][];
  const names = ['--surface-panel', '--surface-raised', '--line', '--accent', '--surface-selected', ...tones.map(([, name]) => name)];
  const [panel = 0, raised = 0, line = 0, accent = 0, selected = 0, ...others] = coloursOf(names.map(written));
  return {
    ...{ panel, raised, line, accent, selected },
    tones: Object.fromEntries(tones.map(([tone], i) => [tone, others[i]])) as Palette['tones'],
    words: { text: written('--text'), quiet: written('--text-quiet'), panel: written('--surface-panel') },
  };
}

/** Words on the tracks, drawn over everything else. */
export interface Label {
  text: string;
  /** Where it begins, its middle, and the room it has. */
  x: number;
  y: number;
  length: number;
  isPale: boolean;
  /** Of a row that scrolls: not seen where rows are pinned. */
  isCut: boolean;
}

/** What all drawing needs. Sizes are CSS pixels. */
export interface Drawing {
  pixels: Pixels;
  labels: Label[];
  width: number;
  view: TimeView;
  palette: Palette;
}

export const font = '11px system-ui, "Noto Sans CJK SC", sans-serif';

export function drawAxis({ pixels, width, view, palette }: Drawing, height: number): void {
  for (const us of ticksOf(view, width).ticks) pixels.fill(Math.round(usToX(view, width, us)), axisHeight - 5, 1, height, palette.line);
}

/** The instants of the axis and all labels, after the pixels. */
export function drawWords(context: CanvasRenderingContext2D, { width, view, palette, labels }: Drawing, pinnedHeight: number): void {
  const { ticks, decimals } = ticksOf(view, width);
  context.font = font;
  context.textBaseline = 'middle';
  context.fillStyle = palette.words.quiet;
  for (const us of ticks) context.fillText(instantText(us, decimals), Math.round(usToX(view, width, us)) + 4.5, axisHeight / 2);
  for (const { text, x, y, length, isPale, isCut } of labels) {
    const top = isCut ? Math.max(pinnedHeight, y - 10) : y - 10;
    // Nothing is left of it beneath what is pinned, or beneath another box.
    if (top >= y + 10 || length < 12) continue;
    context.save();
    context.beginPath();
    context.rect(x, top, length - 3, y + 10 - top);
    context.clip();
    // Dark tones carry the panel's colour, pale ones the text's: readable in both themes.
    context.fillStyle = isPale ? palette.words.text : palette.words.panel;
    context.fillText(text, Math.max(x, 0) + 5, y);
    context.restore();
  }
}
