import { useTranslation } from 'react-i18next';
import { BytesView } from '../../components/bytes-view.tsx';
import { instantText } from '../../lib/quantities.ts';
import type { NumberedEvent } from './lanes.ts';
import css from './turns.module.css';

function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // not every message is JSON
  }
}

/** One event as it was recorded. A message on the wire shows its whole text and bytes. */
export function EventDetails({ event: { event, ordinal } }: { event: NumberedEvent }) {
  const { t } = useTranslation();
  const { kind, atUs, ...facts } = event;
  return (
    <div style={{ display: 'grid', gap: 8 }}>
      <div>
        <strong className="mono">{kind}</strong>{' '}
        <span className="quiet">
          #{ordinal} · {instantText(atUs)}
        </span>
      </div>
      {event.kind === 'wire.message' ? (
        <>
          <div>
            {t(`session.direction.${event.direction}`)} · {event.channel} · <span className="mono">{event.name}</span>
            {event.isUnknown === true && <span style={{ color: 'var(--warning)' }}> · {t('session.unknownMessage')}</span>}
          </div>
          {event.text !== undefined && <pre className={css.code}>{readable(event.text)}</pre>}
          {event.bytes !== undefined && <BytesView bytes={event.bytes} />}
        </>
      ) : (
        <pre className={css.code}>{JSON.stringify(facts, null, 2)}</pre>
      )}
    </div>
  );
}
