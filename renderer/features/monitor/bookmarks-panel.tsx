import { ActionIcon, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogMark, LogRow } from '../../../preload/contract/logs.ts';
import { useAction } from '../../lib/actions.ts';
import { highlightColours } from '../../lib/log-columns.ts';
import type { LogView } from '../../lib/log-view.ts';
import css from './bookmarks-panel.module.css';
import { colourOf } from './mark-colours.ts';

export interface BookmarksPanelProps {
  view: LogView;
  sessionId: string | null;
  marks: ReadonlyMap<number, LogMark>;
  timeText(us: number): string;
  onShow(seq: number): void;
}

/** The bookmarks of the session in the order of their rows, with notes and colours. They are kept with the recording. */
export function BookmarksPanel({ view, sessionId, marks, timeText, onShow }: BookmarksPanelProps) {
  const { t } = useTranslation();
  const sorted = [...marks.values()].sort((a, b) => a.seq - b.seq);
  if (sessionId === null) return <p className="quiet">{t('monitor.marks.notRecorded')}</p>;
  if (sorted.length === 0) return <p className="quiet">{t('monitor.marks.none')}</p>;
  return (
    <ul className={css.marks} aria-label={t('monitor.panel.bookmarks')}>
      {sorted.map((mark) => (
        <Bookmark key={mark.seq} mark={mark} view={view} sessionId={sessionId} timeText={timeText} onShow={onShow} />
      ))}
    </ul>
  );
}

function Bookmark({
  mark,
  view,
  sessionId,
  timeText,
  onShow,
}: { mark: LogMark; sessionId: string } & Pick<BookmarksPanelProps, 'view' | 'timeText' | 'onShow'>) {
  const { t } = useTranslation();
  const { run } = useAction();
  const row = useRowBySeq(view, mark.seq);
  /** Typed, and not yet known to be kept: a colour chosen meanwhile must not bring the old note back. */
  const [typed, setTyped] = useState<string | null>(null);
  if (typed === mark.note) setTyped(null);
  const note = typed ?? mark.note;
  const change = (colour: LogMark['colour']): void => void run('logs.mark', { sessionId, seq: mark.seq, mark: { note, colour } });
  return (
    <li className={css.mark} style={{ borderLeftColor: colourOf[mark.colour] }}>
      <button type="button" className={css.row} onClick={() => onShow(mark.seq)}>
        <span className="quiet">{row === null ? `#${mark.seq}` : timeText(row.atUs)}</span>
        <span className="mono truncate">{row?.message ?? '…'}</span>
      </button>
      <div className={css.edit}>
        <TextInput
          className={css.note}
          size="xs"
          variant="unstyled"
          aria-label={t('monitor.marks.note')}
          placeholder={t('monitor.marks.note')}
          value={note}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => note !== mark.note && change(mark.colour)}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
        {highlightColours.map((colour) => (
          <button
            key={colour}
            type="button"
            className={css.swatch}
            style={{ background: colourOf[colour] }}
            aria-label={t(`monitor.colour.${colour}`)}
            aria-pressed={mark.colour === colour}
            onClick={() => change(colour)}
          />
        ))}
        <ActionIcon
          size={18}
          aria-label={t('monitor.row.unmark')}
          onClick={() => void run('logs.mark', { sessionId, seq: mark.seq, mark: null })}
        >
          <IconTrash size={13} />
        </ActionIcon>
      </div>
    </li>
  );
}

/** A row of the log by its number, when the view has it; another filter may not. */
function useRowBySeq(view: LogView, seq: number): LogRow | null {
  const [found, setFound] = useState<{ view: LogView; row: LogRow | null } | null>(null);
  useEffect(() => {
    let isOver = false;
    view
      .locate({ seq })
      .then(async (place) => (place.seq === seq ? (await view.rows(place.index, 1))[0] : undefined))
      .then((row) => !isOver && setFound({ view, row: row ?? null }))
      .catch(() => undefined); // the number stands for it
    return () => {
      isOver = true;
    };
  }, [view, seq]);
  return found?.view === view ? found.row : null;
}
