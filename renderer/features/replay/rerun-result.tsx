import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../preload/contract/index.ts';
import type { SessionDetail, TurnRecord } from '../../../preload/contract/sessions.ts';
import { useReply } from '../../lib/actions.ts';
import css from './rerun.module.css';

/** Each recorded turn beside the one it became. */
export function RerunResult({ recorded, reply }: { recorded: SessionDetail; reply: CallReply<'replay.rerun'> }) {
  const { t } = useTranslation();
  const shown = useReply('sessions.show', { id: reply.sessionId });
  if (shown.data === undefined) return <p className={css.hint}>{t('frame.loading')}</p>;
  const turns = shown.data.turns;
  return (
    <>
      <p className={css.links}>
        <a href={`#/sessions/${encodeURIComponent(reply.sessionId)}`}>{t('replay.again.openSession')}</a>
        <a href={`#/latency?tab=compare&a=${encodeURIComponent(recorded.session.id)}&b=${encodeURIComponent(reply.sessionId)}`}>
          {t('replay.again.compareLatency')}
        </a>
      </p>
      {reply.conversations.map((one) => {
        const of = (all: readonly TurnRecord[], id: string) => all.filter(({ conversationId }) => conversationId === id);
        const before = of(recorded.turns, one.recordedId);
        const after = of(turns, one.conversationId);
        return (
          <section key={one.conversationId}>
            <p className={css.facts}>
              {t('replay.again.facts', { sent: one.sentPackets, packets: one.packets, exact: one.exactPackets, filled: one.filledFrames })}{' '}
              {one.toolsAnswered > 0 && t('replay.again.tools', { count: one.toolsAnswered })}{' '}
              {one.toolsUnanswered.length > 0 && t('replay.again.toolsUnanswered', { names: one.toolsUnanswered.join(', ') })}
            </p>
            <table className={css.turns}>
              <thead>
                <tr>
                  <th scope="col">#</th>
                  <th scope="col">{t('replay.again.before')}</th>
                  <th scope="col">{t('replay.again.after')}</th>
                  <th scope="col" className={css.number}>
                    {t('replay.again.latency')}
                  </th>
                </tr>
              </thead>
              <tbody>
                {Array.from({ length: Math.max(before.length, after.length) }, (_, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: turns stand where they are
                  <tr key={at}>
                    <td>{at + 1}</td>
                    <td>
                      <Said turn={before[at]} />
                    </td>
                    <td>
                      <Said turn={after[at]} other={before[at]} />
                    </td>
                    <td className={css.number}>
                      {msOf(before[at])} → {msOf(after[at])} <Difference before={before[at]} after={after[at]} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        );
      })}
    </>
  );
}

function Said({ turn, other }: { turn: TurnRecord | undefined; other?: TurnRecord | undefined }) {
  const { t } = useTranslation();
  if (turn === undefined) return <em>{t('replay.again.noTurn')}</em>;
  const isOther = other !== undefined && other.userText !== turn.userText;
  return (
    <>
      {turn.userText !== '' && <p className={isOther ? css.changed : undefined}>{turn.userText}</p>}
      <p className={css.reply}>{turn.replyText}</p>
      {turn.toolCalls.map(({ callId, name }) => (
        <code key={callId}>{name}</code>
      ))}
      {turn.outcome !== 'completed' && <p className={css.outcome}>{turn.outcome ?? '—'}</p>}
    </>
  );
}

function Difference({ before, after }: { before: TurnRecord | undefined; after: TurnRecord | undefined }) {
  const [from, to] = [before?.breakdown.totalUs, after?.breakdown.totalUs];
  if (from == null || to == null) return null;
  const ms = Math.round((to - from) / 1000);
  return <b className={ms > 0 ? css.worse : css.better}>{ms > 0 ? `+${ms}` : ms}</b>;
}

function msOf(turn: TurnRecord | undefined): string {
  return turn?.breakdown.totalUs == null ? '—' : `${Math.round(turn.breakdown.totalUs / 1000)}`;
}
