import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../preload/contract/index.ts';
import type { ResimulatedConversation, SimulatedFigures, SimulatedTurn, TurnPair } from '../../../preload/contract/replay.ts';
import css from './resimulate.module.css';
import { SweepPlot } from './resimulate-sweep.tsx';

const partKeys = [
  'vad_silence',
  'asr_final_wait',
  'eou_wait',
  'llm_ttft',
  'text_agg',
  'tts_ttfb',
  'send_wait',
  'transport_device',
] as const;

/** What came of a simulation: figures, what differs turn by turn, the sweep, and how far the model is from what was recorded. */
export function ResimulateResult({ reply: { result, cost } }: { reply: CallReply<'replay.resimulate'> }) {
  const { t } = useTranslation();
  const { before, after, conversations, sweep, changes } = result;
  const isChanged = Object.keys(changes).length > 0;
  return (
    <>
      <Summary before={before} after={isChanged ? after : null} />
      {sweep !== null && <SweepPlot sweep={sweep} before={before} />}
      {conversations.map((conversation) => (
        <Conversation
          key={`${conversation.sessionId} ${conversation.conversationId}`}
          conversation={conversation}
          isChanged={isChanged}
          isNamed={conversations.length > 1}
        />
      ))}
      <p className="quiet">
        {t('replay.whatIf.cost', {
          simulated: (cost.simulatedMs / 1000).toFixed(0),
          elapsed: (cost.elapsedMs / 1000).toFixed(1),
          factor: Math.round(cost.simulatedMs / Math.max(1, cost.elapsedMs)),
        })}
      </p>
    </>
  );
}

function Summary({ before, after }: { before: SimulatedFigures; after: SimulatedFigures | null }) {
  const { t } = useTranslation();
  type Row = { name: string; value(figures: SimulatedFigures): number | null; unit: string; isLessBetter?: true };
  const rows: Row[] = [
    { name: t('replay.whatIf.v2v', { percent: 50 }), value: ({ v2v }) => v2v.p50, unit: ' ms', isLessBetter: true },
    { name: t('replay.whatIf.v2v', { percent: 95 }), value: ({ v2v }) => v2v.p95, unit: ' ms', isLessBetter: true },
    { name: t('replay.whatIf.endpoint', { percent: 50 }), value: ({ endpoint }) => endpoint.p50, unit: ' ms', isLessBetter: true },
    { name: t('replay.whatIf.endpoint', { percent: 95 }), value: ({ endpoint }) => endpoint.p95, unit: ' ms', isLessBetter: true },
    { name: t('replay.whatIf.userTurns'), value: ({ userTurns }) => userTurns, unit: '' },
    { name: t('replay.whatIf.earlyCuts'), value: ({ earlyCuts }) => earlyCuts, unit: '', isLessBetter: true },
    { name: t('replay.whatIf.interruptions'), value: ({ interruptions }) => interruptions, unit: '' },
    { name: t('replay.whatIf.falseInterruptions'), value: ({ falseInterruptions }) => falseInterruptions, unit: '', isLessBetter: true },
    { name: t('replay.whatIf.unanswered'), value: ({ unanswered }) => unanswered, unit: '', isLessBetter: true },
  ];
  return (
    <table className={css.summary}>
      <caption>
        {t('replay.whatIf.n', { count: before.v2v.n, censored: before.v2v.censored })}
        {after !== null && ` → ${t('replay.whatIf.n', { count: after.v2v.n, censored: after.v2v.censored })}`}
        {after !== null && after.modelled > 0 && ` · ${t('replay.whatIf.modelledTurns', { count: after.modelled })}`}
      </caption>
      <thead>
        <tr>
          <th scope="col" />
          <th scope="col">{t('replay.whatIf.before')}</th>
          {after !== null && <th scope="col">{t('replay.whatIf.after')}</th>}
          {after !== null && <th scope="col">{t('replay.whatIf.difference')}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ name, value, unit, isLessBetter }) => {
          const [one, other] = [value(before), after === null ? null : value(after)];
          return (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{number(one, unit)}</td>
              {after !== null && <td>{number(other, unit)}</td>}
              {after !== null && (
                <td>{one !== null && other !== null && <Signed by={other - one} unit={unit} {...(isLessBetter && { isLessBetter })} />}</td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Conversation({
  conversation,
  isChanged,
  isNamed,
}: {
  conversation: ResimulatedConversation;
  isChanged: boolean;
  isNamed: boolean;
}) {
  const { t } = useTranslation();
  const { fidelity, notes, pairs, conversationId } = conversation;
  const ms = (value: number | null) => number(value, ' ms');
  return (
    <section className={css.conversation}>
      {isNamed && <h2 className="truncate">{conversationId}</h2>}
      {fidelity.recordedTurns + fidelity.simulatedTurns > 0 && (
        <p className={css.fidelity}>
          {t('replay.whatIf.fidelity', {
            matched: fidelity.matched,
            recorded: fidelity.recordedTurns,
            commit: ms(fidelity.commitMedianMs),
            commitMost: ms(fidelity.commitMaxMs),
            v2v: ms(fidelity.v2vMedianMs),
            v2vMost: ms(fidelity.v2vMaxMs),
          })}
        </p>
      )}
      {notes.map(({ kind, count }) => (
        <p key={kind} className={css.note}>
          {t(`replay.whatIf.note.${kind}`, { count })}
        </p>
      ))}
      {pairs.length === 0 ? (
        <p className="quiet">{t('replay.whatIf.noTurns')}</p>
      ) : (
        <table className={css.turns}>
          <thead>
            <tr>
              <th scope="col">{t('replay.whatIf.change')}</th>
              <th scope="col">{t(isChanged ? 'replay.whatIf.before' : 'replay.whatIf.turn')}</th>
              {isChanged && <th scope="col">{t('replay.whatIf.after')}</th>}
              {isChanged && <th scope="col">{t('replay.whatIf.commit')}</th>}
              <th scope="col">{t('replay.whatIf.v2vShort')}</th>
              {isChanged && <th scope="col">{t('replay.whatIf.parts')}</th>}
            </tr>
          </thead>
          <tbody>
            {pairs.map((pair, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a result never changes its rows
              <PairRow key={index} pair={pair} isChanged={isChanged} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function PairRow({ pair, isChanged }: { pair: TurnPair; isChanged: boolean }) {
  const { t } = useTranslation();
  const { change, before, after, committedByMs, v2vByMs, partsByMs, interruptionsGained, interruptionsLost } = pair;
  const shown = after.at(-1) ?? before.at(-1);
  return (
    <tr data-change={change}>
      <td>
        <span className={css.change} data-change={change}>
          {t(`replay.whatIf.changes.${isChanged ? change : 'same'}`)}
        </span>
        {interruptionsGained > 0 && <span className={css.worse}>{t('replay.whatIf.gained', { count: interruptionsGained })}</span>}
        {interruptionsLost > 0 && <span className={css.better}>{t('replay.whatIf.lost', { count: interruptionsLost })}</span>}
      </td>
      <td>
        <Turns turns={before} />
      </td>
      {isChanged && (
        <td>
          <Turns turns={after} />
        </td>
      )}
      {isChanged && <td className={css.number}>{committedByMs !== null && <Signed by={committedByMs} unit=" ms" isLessBetter />}</td>}
      <td className={css.number}>
        {number(shown?.v2vMs ?? null, ' ms')}
        {isChanged && v2vByMs !== null && (
          <div>
            <Signed by={v2vByMs} unit=" ms" isLessBetter />
          </div>
        )}
      </td>
      {isChanged && (
        <td className={css.parts}>
          {partKeys
            .filter((key) => Math.abs(partsByMs[key] ?? 0) >= 1)
            .map((key) => (
              <span key={key}>
                {t(`session.part.${key}`)} <Signed by={partsByMs[key] ?? 0} unit="" isLessBetter />
              </span>
            ))}
        </td>
      )}
    </tr>
  );
}

function Turns({ turns }: { turns: readonly SimulatedTurn[] }) {
  const { t } = useTranslation();
  if (turns.length === 0) return <span className="quiet">—</span>;
  return turns.map((turn) => (
    <div key={turn.turnId} className={css.turn}>
      <div className={css.said}>
        <span className="quiet">{turn.turnId}</span>{' '}
        {turn.userText === '' ? <em>{t(`session.initiator.${turn.initiator}`)}</em> : turn.userText}
      </div>
      <div className={css.reply}>
        {turn.heardText || turn.replyText}
        {turn.interruption !== null && <span className={css.cut}> {t('replay.whatIf.cut')}</span>}
        {(turn.outcome === 'unanswered' || turn.outcome === 'failed') && (
          <span className={css.worse}> {t(`session.outcome.${turn.outcome}`)}</span>
        )}
      </div>
      {turn.modelled.length > 0 && (
        <div className={css.modelled}>
          {t('replay.whatIf.modelled', { parts: turn.modelled.map((part) => t(`replay.whatIf.part.${part}`)).join(', ') })}
        </div>
      )}
    </div>
  ));
}

function Signed({ by, unit, isLessBetter }: { by: number; unit: string; isLessBetter?: true }) {
  const rounded = Math.round(by);
  const look = rounded === 0 || isLessBetter !== true ? undefined : rounded < 0 ? css.better : css.worse;
  return (
    <span className={look}>
      {rounded > 0 ? '+' : rounded < 0 ? '−' : '±'}
      {Math.abs(rounded)}
      {unit}
    </span>
  );
}

export function number(value: number | null, unit: string): string {
  return value === null ? '—' : `${Math.round(value)}${unit}`;
}
