import { storedState } from './stored.ts';

/** Columns and form of the rows: this reader's taste, the same for every log. */
export interface LogDisplay {
  hostTime: 'wall' | 'elapsed' | 'none';
  deviceTime: boolean;
  /** Time since the row before. */
  delta: boolean;
  tag: boolean;
  events: boolean;
  ansi: boolean;
  /** text · mixed: what is not text as \xHH · hex: bytes and text side by side. */
  form: 'text' | 'mixed' | 'hex';
  histogram: boolean;
  portList: boolean;
}

export const useDisplay = storedState<LogDisplay>('talkbench.monitor.display', {
  hostTime: 'wall',
  deviceTime: true,
  delta: false,
  tag: true,
  events: true,
  ansi: true,
  form: 'text',
  histogram: true,
  portList: true,
});
