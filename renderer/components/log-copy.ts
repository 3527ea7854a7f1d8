import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogTextStyle } from '../../preload/contract/logs.ts';
import { isTalkError } from '../../preload/contract/talk-error.ts';
import { errorValueOf } from '../lib/errors.ts';
import type { IndexRange, LogView } from '../lib/log-view.ts';
import { useToasts } from '../lib/toasts.ts';

const instantRows = 100_000;

/** Puts every row of these ranges on the clipboard, one a line, on the screen or not, and says how many. */
export function useLogCopy(view: LogView, style: Partial<LogTextStyle>): (ranges: readonly IndexRange[]) => void {
  const { t } = useTranslation();
  const show = useToasts((state) => state.show);
  const dismiss = useToasts((state) => state.dismiss);
  const key = JSON.stringify(style);
  return useCallback(
    (ranges) => {
      const count = ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
      if (count <= 0) return;
      // A long copy takes a moment; silence would read as a button that does nothing.
      const busy = count > instantRows ? show({ kind: 'busy', text: t('log.copying', { count }) }) : null;
      view
        .text(ranges, JSON.parse(key) as Partial<LogTextStyle>)
        .then(async ({ text, rows }) => {
          await navigator.clipboard.writeText(text);
          show({ kind: 'done', text: t('log.copied', { count: rows }) });
        })
        .catch((error: unknown) => {
          if (isTalkError(error, 'too-large')) show({ kind: 'done', text: t('log.copyTooLarge') });
          else show({ kind: 'error', error: errorValueOf(error) });
        })
        .finally(() => busy !== null && dismiss(busy));
    },
    [view, key, show, dismiss, t],
  );
}
