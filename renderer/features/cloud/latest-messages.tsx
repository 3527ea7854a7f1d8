import { useTranslation } from 'react-i18next';
import type { WireFilter, WireMessage } from '../../../preload/contract/cloud/wire-log.ts';
import { clockText } from '../../lib/quantities.ts';
import { useWireMessages } from '../wire/wire-messages.ts';
import { previewText } from '../wire/wire-rows.ts';
import css from './services.module.css';

const shown = 12;

interface LatestProps {
  title: string;
  empty: string;
  filter: WireFilter;
  /** The same on the Wire screen: `gateway=tuya`. */
  link: string;
}

/** The newest messages of a wire, newest first; each leads to itself on the Wire screen. */
export function LatestMessages({ title, empty, filter, link }: LatestProps) {
  const { t } = useTranslation();
  const { messages } = useWireMessages(filter);
  const newest = messages.slice(-shown).toReversed();
  return (
    <section aria-label={title}>
      <div className={css.row} style={{ justifyContent: 'space-between' }}>
        <h2>{title}</h2>
        <a className={css.link} href={`#/wire?${link}`}>
          {t('cloud.onWire')}
        </a>
      </div>
      {newest.length === 0 && <p className="quiet">{empty}</p>}
      {newest.map((message) => (
        <Message key={message.id} message={message} href={`#/wire?${link}&message=${message.id}`} />
      ))}
    </section>
  );
}

function Message({ message, href }: { message: WireMessage; href: string }) {
  const { t } = useTranslation();
  const { wallMs, direction, name, preview, note, isUnknown } = message;
  return (
    <a className={css.message} href={href} data-unknown={isUnknown || undefined}>
      <span className="mono quiet">{clockText(wallMs)}</span>
      <span data-direction={direction} title={t(`session.direction.${direction}`)}>
        {direction === 'up' ? '↑' : '↓'}
      </span>
      <span className="mono truncate" title={name}>
        {name}
      </span>
      <span className="mono quiet truncate">{preview === '' ? (note ?? '') : previewText(preview)}</span>
    </a>
  );
}
