import { useTranslation } from 'react-i18next';
import type { SessionNote } from '../../../preload/contract/notes.ts';
import type { SessionSummary, TurnRecord } from '../../../preload/contract/sessions.ts';
import type { NumberedEvent } from './lanes.ts';
import { NotesPanel } from './notes/notes-panel.tsx';
import css from './session.module.css';
import { TranscriptPanel } from './transcript/transcript-panel.tsx';
import { TurnList } from './turns.tsx';

export const conversationTabs = ['turns', 'transcript', 'notes'] as const;
export type ConversationTab = (typeof conversationTabs)[number];

export interface ConversationPanelProps {
  tab: ConversationTab;
  onTab(tab: ConversationTab): void;
  session: SessionSummary;
  turns: readonly TurnRecord[];
  events: readonly NumberedEvent[];
  notes: readonly SessionNote[];
  onPlay(fromUs: number): void;
  isWriting: boolean;
  onWriting(isWriting: boolean): void;
}

/** The conversation as a list of turns, as it was said, and as people remarked on it. */
export function ConversationPanel({ tab, onTab, ...props }: ConversationPanelProps) {
  const { t } = useTranslation();
  const { session, turns, events, notes } = props;
  const counts = { turns: turns.length, transcript: null, notes: notes.length } as const;
  return (
    <section className={css.panel}>
      <div className={css.tabs} role="tablist" aria-label={t('playback.tabs')}>
        {conversationTabs.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`session-tab-${each}`}
            aria-controls="session-tab-panel"
            aria-selected={each === tab}
            onClick={() => onTab(each)}
          >
            {each === 'turns' ? t('session.turns') : t(`playback.${each}`)}
            {counts[each] !== null && <span className="quiet"> {counts[each]}</span>}
          </button>
        ))}
      </div>
      <div className={css.tabPanel} role="tabpanel" id="session-tab-panel" aria-labelledby={`session-tab-${tab}`}>
        {tab === 'turns' && (turns.length === 0 ? <p className={css.nothing}>{t('session.noTurns')}</p> : <TurnList turns={turns} />)}
        {tab === 'transcript' && <TranscriptPanel turns={turns} events={events} onPlay={props.onPlay} />}
        {tab === 'notes' && <NotesPanel session={session} notes={notes} isWriting={props.isWriting} onWriting={props.onWriting} />}
      </div>
    </section>
  );
}
