import { ActionIcon, NativeSelect, Tooltip } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ComparedTurn, SessionComparison, TextPiece, TurnPair } from '../../../preload/contract/quality.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { setParameters, useParameters } from '../../lib/location.ts';
import { sessionTitle } from '../../lib/session-title.ts';
import { useSessionList } from '../../lib/streams.ts';
import { CompareFigures, signedMs } from './compare-figures.tsx';
import css from './quality.module.css';

/** Two sessions side by side, turn by turn: `golden=ID&candidate=ID`. */
export function CompareTab() {
  const { t } = useTranslation();
  const parameters = useParameters();
  const sessions = useSessionList() ?? [];
  const [golden, candidate] = [parameters.get('golden'), parameters.get('candidate')];
  const isChosen = golden !== null && candidate !== null;
  const compared = useReply('suites.compare', { golden: golden ?? '', candidate: candidate ?? '' }, { isEnabled: isChosen });
  const choices = [{ value: '', label: '—' }, ...sessions.map((session) => ({ value: session.id, label: sessionTitle(session) }))];
  return (
    <div className={css.compare}>
      <header className={css.runHead}>
        <NativeSelect
          size="xs"
          label={t('quality.golden')}
          value={golden ?? ''}
          data={choices}
          onChange={(event) => setParameters({ golden: event.currentTarget.value || null })}
        />
        <Tooltip label={t('quality.swap')}>
          <ActionIcon
            variant="subtle"
            aria-label={t('quality.swap')}
            onClick={() => setParameters({ golden: candidate, candidate: golden })}
          >
            <IconArrowsExchange size={16} />
          </ActionIcon>
        </Tooltip>
        <NativeSelect
          size="xs"
          label={t('quality.candidate')}
          value={candidate ?? ''}
          data={choices}
          onChange={(event) => setParameters({ candidate: event.currentTarget.value || null })}
        />
      </header>
      {!isChosen ? (
        <p className={css.centre}>{t('quality.chooseBoth')}</p>
      ) : compared.error !== null ? (
        <div className={css.centre}>
          <ErrorNotice error={errorValueOf(compared.error)} />
        </div>
      ) : compared.data === undefined ? (
        <p className={css.centre}>{t('frame.loading')}</p>
      ) : (
        <Compared comparison={compared.data} />
      )}
    </div>
  );
}

function Compared({ comparison }: { comparison: SessionComparison }) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.scroll} tabIndex={0} aria-label={t('quality.tabs.compare')}>
      <CompareFigures comparison={comparison} />
      <table className={css.pairs}>
        <thead>
          <tr>
            <th>{t('quality.golden')}</th>
            <th>{t('quality.candidate')}</th>
          </tr>
        </thead>
        <tbody>
          {comparison.pairs.map((pair) => (
            <PairRow key={`${turnKey(pair.golden)} ${turnKey(pair.candidate)}`} pair={pair} comparison={comparison} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function turnKey(turn: ComparedTurn | null): string {
  return turn === null ? '—' : `${turn.conversationId}/${turn.turnId}`;
}

function PairRow({ pair, comparison }: { pair: TurnPair; comparison: SessionComparison }) {
  const { t } = useTranslation();
  const { golden, candidate, differences, transcriptPieces, replyPieces, latency } = pair;
  const v2v = latency.v2v_device;
  return (
    <tr data-differs={differences.some((kind) => kind !== 'reply')}>
      <td>
        {golden !== null && (
          <Turn turn={golden} sessionId={comparison.golden.id} said={transcriptPieces} replied={replyPieces} side="golden" />
        )}
      </td>
      <td>
        {candidate !== null && (
          <Turn turn={candidate} sessionId={comparison.candidate.id} said={transcriptPieces} replied={replyPieces} side="candidate" />
        )}
        <div className={css.differences}>
          {differences.length === 0 ? (
            <span className="quiet">{t('quality.same')}</span>
          ) : (
            differences.map((kind) => (
              <span key={kind} className={css.difference}>
                {t(`quality.difference.${kind}`)}
              </span>
            ))
          )}
          {v2v !== undefined && <span className="quiet">{signedMs(v2v)}</span>}
        </div>
      </td>
    </tr>
  );
}

interface TurnProps {
  turn: ComparedTurn;
  sessionId: string;
  said: readonly TextPiece[];
  replied: readonly TextPiece[];
  side: 'golden' | 'candidate';
}

function Turn({ turn, sessionId, said, replied, side }: TurnProps) {
  const { t } = useTranslation();
  const { conversationId, turnId, startedUs, initiator, outcome, tools, values } = turn;
  const link = `#/sessions/${encodeURIComponent(sessionId)}?t=${startedUs}&sel=turn:${turnId}:${encodeURIComponent(conversationId)}`;
  return (
    <div className={css.turn}>
      <a href={link}>{t('session.turnNumber', { number: turnId })}</a>{' '}
      <small className="quiet">
        {t(`session.initiator.${initiator}`)}
        {outcome !== null && ` · ${t(`session.outcome.${outcome}`)}`}
        {values.v2v_device !== undefined && ` · ${Math.round(values.v2v_device)} ms`}
      </small>
      <div dir="auto">
        {turn.userText === '' ? (
          <i className="quiet">{t('quality.noWords')}</i>
        ) : (
          <Pieces pieces={said} side={side} whole={turn.userText} />
        )}
      </div>
      <div dir="auto" className="quiet">
        {turn.replyText === '' ? <i>{t('quality.noReply')}</i> : <Pieces pieces={replied} side={side} whole={turn.replyText} />}
      </div>
      {tools.map(({ name, arguments: given, isOk }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: calls of a turn have no other name here, and never move
        <code key={i}>
          {isOk === false ? '✗ ' : ''}
          {name} {JSON.stringify(given) ?? ''}
        </code>
      ))}
    </div>
  );
}

/** Its own half of what was aligned; what the other half lacks is marked. */
function Pieces({ pieces, side, whole }: { pieces: readonly TextPiece[]; side: 'golden' | 'candidate'; whole: string }) {
  const own = pieces.filter(({ kind }) => kind === 'same' || kind === side);
  if (own.length === 0) return whole;
  return own.map(({ kind, text }, i) =>
    kind === 'same' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces stand in their order and never move
      <span key={i}>{text}</span>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces stand in their order and never move
      <mark key={i} className={css.changed} data-side={side}>
        {text}
      </mark>
    ),
  );
}
