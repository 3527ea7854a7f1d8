import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BytesView } from '../../components/bytes-view.tsx';
import { type LiveConversations, useWireMessages } from './live-conversations.ts';
import css from './talk.module.css';

/** What goes over the device-facing wires, newest at the top, whole and as it came. */
export function WirePanel({ live }: { live: LiveConversations }) {
  const { t } = useTranslation();
  const messages = useWireMessages(live);
  const [openNumber, setOpenNumber] = useState<number | null>(null);
  return (
    <aside className={css.wire} aria-labelledby="wire-title">
      <header className={css.head}>
        <h2 id="wire-title">{t('talk.wire')}</h2>
        <span className="quiet">{messages.length}</span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
      <section className={css.messages} tabIndex={0} aria-label={t('talk.wire')}>
        {messages.length === 0 && <p className="quiet">{t('talk.noWire')}</p>}
        {messages.toReversed().map((message) => (
          <div key={message.number} className={css.message} data-unknown={message.isUnknown}>
            <button
              type="button"
              aria-expanded={openNumber === message.number}
              onClick={() => setOpenNumber(openNumber === message.number ? null : message.number)}
            >
              <span className={css.arrow} data-direction={message.direction} title={t(`session.direction.${message.direction}`)}>
                {message.direction === 'up' ? '↑' : '↓'}
              </span>
              <span className="quiet">{message.channel}</span>
              <span className="mono truncate" title={message.name}>
                {message.name}
              </span>
            </button>
            {openNumber === message.number && (
              <div className={css.payload}>
                {message.text !== undefined && <pre className="mono">{message.text}</pre>}
                {message.bytes !== undefined && <BytesView bytes={message.bytes} />}
              </div>
            )}
          </div>
        ))}
      </section>
    </aside>
  );
}
