import { useTranslation } from 'react-i18next';
import type { ConversationState } from '../../../preload/contract/pipeline.ts';
import { setParameters } from '../../lib/location.ts';
import { useShortcuts } from '../../lib/shortcuts.ts';
import css from './conversation.module.css';
import { shownState } from './shown-state.ts';
import { emptyTranscript } from './transcript.ts';

/** All conversations with who has the word in each; `[` and `]` go from one to the next. */
export function ConversationTabs({ conversations, current }: { conversations: readonly ConversationState[]; current: ConversationState }) {
  const { t } = useTranslation();
  const show = (conversation: ConversationState | undefined): void => {
    if (conversation !== undefined) setParameters({ conversation: conversation.conversationId });
  };
  const at = conversations.indexOf(current);
  useShortcuts({ '[': () => show(conversations[at - 1]), ']': () => show(conversations[at + 1]) });
  return (
    <div
      className={css.tabs}
      role="tablist"
      aria-label={t('talk.conversations')}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
        if (step === 0) return;
        show(conversations[at + step]);
        event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[at + step]?.focus();
      }}
    >
      {conversations.map((each) => {
        const state = shownState(emptyTranscript, each.state);
        return (
          <button
            key={each.conversationId}
            type="button"
            role="tab"
            className={css.tab}
            aria-selected={each === current}
            tabIndex={each === current ? 0 : -1}
            data-state={state}
            onClick={() => show(each)}
          >
            <i aria-hidden />
            <span className="truncate">{each.deviceName}</span>
            <small>{t(`talk.shown.${state}`)}</small>
          </button>
        );
      })}
    </div>
  );
}
