import { useTranslation } from 'react-i18next';
import { setParameters, useParameters } from '../../lib/location.ts';
import { useConversations } from '../../lib/streams.ts';
import { BoardsPanel } from './boards-panel.tsx';
import { ConversationView } from './conversation-view.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { useLiveConversations } from './live-conversations.ts';
import css from './talk.module.css';
import { WirePanel } from './wire-panel.tsx';

/** The bench as the cloud that boards talk to: who is there, what is being said, what goes over the wire. */
export function TalkScreen() {
  const { t } = useTranslation();
  const conversations = useConversations() ?? [];
  const live = useLiveConversations();
  const wanted = useParameters().get('conversation');
  const current = conversations.find((each) => each.conversationId === wanted) ?? conversations.at(-1);
  return (
    <div className={css.screen}>
      <div className={css.side}>
        <BoardsPanel />
        <DevicesPanel />
      </div>
      <section className={css.talk} aria-label={t('talk.conversation')}>
        {conversations.length > 1 && (
          <div className={css.tabs} role="tablist" aria-label={t('talk.conversations')}>
            {conversations.map((each) => (
              <button
                key={each.conversationId}
                type="button"
                role="tab"
                className={css.tab}
                aria-selected={each === current}
                onClick={() => setParameters({ conversation: each.conversationId })}
              >
                {each.deviceName}
              </button>
            ))}
          </div>
        )}
        {current === undefined ? (
          <div className={css.empty}>
            <h1>{t('talk.nobody')}</h1>
            <p className="quiet">{t('talk.nobodyHint')}</p>
          </div>
        ) : (
          <ConversationView key={current.conversationId} conversation={current} live={live} />
        )}
      </section>
      <WirePanel live={live} />
    </div>
  );
}
