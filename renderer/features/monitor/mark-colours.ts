import type { HighlightColour } from '../../lib/log-columns.ts';

/** The theme's colour for each colour of a mark. */
export const colourOf: Record<HighlightColour, string> = {
  yellow: 'var(--warning)',
  red: 'var(--danger)',
  green: 'var(--accent)',
  blue: 'var(--user)',
  violet: 'var(--agent)',
};
