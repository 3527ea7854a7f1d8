import { useTranslation } from 'react-i18next';
import { useParameters } from '../../lib/location.ts';
import { useConversations } from '../../lib/streams.ts';
import { BoardsPanel } from './boards-panel.tsx';
import { ConversationTabs } from './conversation-tabs.tsx';
import { ConversationView } from './conversation-view.tsx';
import { DevicesPanel } from './devices-panel.tsx';
import { useLevels } from './levels.ts';
import { useLiveConversations } from './live-conversations.ts';
import css from './talk.module.css';
import { WirePanel } from './wire-panel.tsx';

/** The bench as the cloud that boards talk to: who is there, what is being said, what goes over the wire. */
export function TalkScreen() {
  const { t } = useTranslation();
  const conversations = useConversations() ?? [];
  const live = useLiveConversations();
  const levels = useLevels();
  const wanted = useParameters().get('conversation');
  const current = conversations.find((each) => each.conversationId === wanted) ?? conversations.at(-1);
  return (
    <div className={css.screen}>
      <div className={css.side}>
        <BoardsPanel />
        <DevicesPanel />
      </div>
      <section className={css.talk} aria-label={t('talk.conversation')}>
        {conversations.length > 1 && current !== undefined && <ConversationTabs conversations={conversations} current={current} />}
        {current === undefined ? (
          <div className={css.empty}>
            <h1>{t('talk.nobody')}</h1>
            <p className="quiet">{t('talk.nobodyHint')}</p>
          </div>
        ) : (
          <ConversationView key={current.conversationId} conversation={current} live={live} levels={levels} />
        )}
      </section>
      <WirePanel live={live} />
    </div>
  );
}
