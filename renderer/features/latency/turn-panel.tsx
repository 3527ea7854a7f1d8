import { Badge, Button } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { SessionSummary } from '../../../preload/contract/sessions.ts';
import { Breakdown } from '../../components/breakdown.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { instantText } from '../../lib/quantities.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import css from './latency.module.css';
import { sessionLink, type TurnPlace } from './latency-link.ts';

/** The selected turn: where its time went, and the way to its sound. */
export function TurnPanel({ place, sessions }: { place: TurnPlace; sessions: readonly SessionSummary[] }) {
  const { t } = useTranslation();
  const { data: turn, error } = useReply('latency.turn', place);
  const session = sessions.find(({ id }) => id === place.sessionId);
  return (
    <aside className={css.side} aria-label={t('session.turnNumber', { number: place.turnId })} data-testid="latency-turn">
      {error !== null && <ErrorNotice error={errorValueOf(error)} />}
      <div>
        <b>{t('session.turnNumber', { number: place.turnId })}</b>{' '}
        {turn?.outcome !== undefined && turn.outcome !== null && turn.outcome !== 'completed' && (
          <Badge size="xs" variant="light" color={turn.outcome === 'interrupted' ? 'orange' : 'red'}>
            {t(`session.outcome.${turn.outcome}`)}
          </Badge>
        )}
        <div className="quiet truncate">
          {session === undefined ? place.sessionId : sessionTitle(session)}
          {turn !== undefined && ` · ${instantText(turn.startedUs)}`}
        </div>
      </div>
      <Button component="a" href={`#${sessionLink(place)}`} variant="default" rightSection={<IconArrowRight size={14} />}>
        {t('latency.openTurn')}
      </Button>
      {turn !== undefined && (
        <>
          <Breakdown breakdown={turn.breakdown} isSpoken={turn.initiator === 'user-speech'} />
          {turn.userText !== '' && (
            <div>
              <div className="quiet">{t('session.user')}</div>
              {turn.userText}
            </div>
          )}
          {turn.replyText !== '' && (
            <div>
              <div className="quiet">{t('session.agent')}</div>
              {turn.replyText}
            </div>
          )}
        </>
      )}
    </aside>
  );
}
