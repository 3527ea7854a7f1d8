import { useElementSize } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import type { SessionNote } from '../../../../preload/contract/notes.ts';
import { usToX } from '../../../lib/time-axis.ts';
import { useSessionView, useSessionViewStore } from '../session-view.ts';
import css from './notes.module.css';
import { goToNote } from './notes-panel.tsx';
import { colourOfNote } from './use-notes.ts';

/** Over the tracks: the notes as flags, and what of the selection is lit. Takes the pointer only on the flags themselves. */
export function TimelineOverlay({ notes }: { notes: readonly SessionNote[] }) {
  const { t } = useTranslation();
  const store = useSessionViewStore();
  const { ref, width } = useElementSize<HTMLDivElement>();
  const view = useSessionView((state) => state.view);
  const lit = useSessionView((state) => state.lit);
  const x = (us: number): number => usToX(view, width, us);
  const isSeen = (fromUs: number, toUs: number): boolean => toUs >= view.fromUs && fromUs <= view.toUs;
  return (
    <div ref={ref} className={css.flags}>
      {lit !== null && isSeen(lit.fromUs, lit.toUs) && (
        <div
          className={css.lit}
          data-testid="lit"
          style={{ left: Math.max(-1, x(lit.fromUs)), width: Math.max(2, x(lit.toUs) - Math.max(-1, x(lit.fromUs))) }}
        />
      )}
      {notes.map((note) => {
        const toUs = note.toUs ?? note.atUs;
        if (!isSeen(note.atUs, toUs)) return null;
        const colour = colourOfNote[note.colour];
        const left = x(note.atUs);
        return (
          <div key={note.id}>
            {note.toUs !== null && (
              <div className={css.stretch} style={{ left, width: Math.max(1, x(note.toUs) - left), background: colour }} />
            )}
            <div className={css.flag} style={{ left, background: colour }}>
              <button
                type="button"
                style={{ background: colour }}
                title={note.text}
                aria-label={t('playback.note.flag', { text: note.text })}
                onPointerDown={(event) => event.stopPropagation()}
                onPointerUp={(event) => event.stopPropagation()}
                onClick={() => goToNote(store, note)}
              >
                {note.text.split('\n')[0]?.slice(0, 40)}
              </button>
            </div>
          </div>
        );
      })}
    </div>
  );
}
