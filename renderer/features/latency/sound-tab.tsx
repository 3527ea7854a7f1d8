import { Button, Checkbox } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../preload/contract/index.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf, isCancelled } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import css from './latency.module.css';
import { sessionLink } from './latency-link.ts';
import { msText, signedText } from './latency-words.ts';

interface Checked {
  id: string;
  reply: CallReply<'latency.check'>;
}

/** The events beside the recorded sound, session after session: each takes seconds. */
export function SoundTab({ ids, sessionName }: { ids: readonly string[]; sessionName(id: string): string }) {
  const { t } = useTranslation();
  const lab = useLab();
  const [checked, setChecked] = useState<readonly Checked[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [running, setRunning] = useState<AbortController | null>(null);
  const [isOnlyDiffering, setOnlyDiffering] = useState(false);

  // Whoever leaves does not wait for it, and neither should the core.
  useEffect(() => () => running?.abort(), [running]);

  async function check(): Promise<void> {
    const controller = new AbortController();
    setRunning(controller);
    setError(null);
    setChecked([]);
    try {
      for (const id of ids) {
        const reply = await lab.call('latency.check', { id }, { signal: controller.signal });
        setChecked((before) => [...before, { id, reply }]);
      }
    } catch (failure) {
      if (!isCancelled(failure) && !controller.signal.aborted) setError(failure);
    } finally {
      setRunning(null);
    }
  }
  return (
    <div className={css.page}>
      <section>
        <p className="quiet">{t('latency.checkSoundHint')}</p>
        <div style={{ display: 'flex', gap: 14, alignItems: 'center' }}>
          {running === null ? (
            <Button variant="default" onClick={() => void check()}>
              {t('latency.checkSound')}
            </Button>
          ) : (
            <Button variant="default" onClick={() => running.abort()}>
              {t('frame.cancel')}
            </Button>
          )}
          {running !== null && (
            <span role="status">
              {t('latency.checking')} {checked.length} / {ids.length}
            </span>
          )}
          <Checkbox
            label={t('latency.onlyDiffering')}
            checked={isOnlyDiffering}
            onChange={(event) => setOnlyDiffering(event.currentTarget.checked)}
          />
        </div>
      </section>
      {error !== null && <ErrorNotice error={errorValueOf(error)} />}
      {checked.map(({ id, reply }) => (
        <SessionCheck key={id} id={id} title={sessionName(id)} reply={reply} isOnlyDiffering={isOnlyDiffering} />
      ))}
    </div>
  );
}

function SessionCheck({
  id,
  title,
  reply,
  isOnlyDiffering,
}: {
  id: string;
  title: string;
  reply: Checked['reply'];
  isOnlyDiffering: boolean;
}) {
  const { t } = useTranslation();
  const turns = reply.conversations.flatMap(({ conversationId, turns: own }) => own.map((turn) => ({ ...turn, conversationId })));
  const isDoubtful = (verdict: string) => verdict !== 'agrees' && verdict !== 'no-instants';
  const shown = isOnlyDiffering ? turns.filter(({ verdict }) => isDoubtful(verdict)) : turns;
  return (
    <section>
      <h2>{title}</h2>
      <p className="quiet">
        {reply.medianDifferenceMs === null
          ? t('latency.nothingCompared')
          : t('latency.compared', { compared: reply.compared, ms: msText(reply.medianDifferenceMs) })}
        {reply.compared > 0 && !turns.some(({ verdict }) => isDoubtful(verdict)) && ` ${t('latency.allAgree')}`}
      </p>
      {shown.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by key
        <section className={css.tableBox} aria-label={title} tabIndex={0}>
          <table className={css.figures} data-testid="latency-sound">
            <thead>
              <tr>
                <th data-left scope="col">
                  {t('latency.turn')}
                </th>
                <th scope="col">{t('latency.events')} ms</th>
                <th scope="col">{t('latency.sound')} ms</th>
                <th scope="col">± ms</th>
                <th scope="col">{t('latency.speechEnd')}</th>
                <th scope="col">{t('latency.replyStart')}</th>
                <th data-left scope="col">
                  {t('latency.verdictLabel')}
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((turn) => (
                <tr key={`${turn.conversationId} ${turn.turnId}`}>
                  <th scope="row">
                    <a
                      className={css.link}
                      href={`#${sessionLink({ sessionId: id, conversationId: turn.conversationId, turnId: turn.turnId })}`}
                    >
                      {t('session.turnNumber', { number: turn.turnId })}
                    </a>
                  </th>
                  <td>{numberText(turn.eventsMs)}</td>
                  <td>{numberText(turn.soundMs)}</td>
                  <td>{turn.differenceMs === null ? '—' : signedText(turn.differenceMs)}</td>
                  <td>{turn.speechEndDifferenceMs === null ? '—' : signedText(turn.speechEndDifferenceMs)}</td>
                  <td>{turn.replyStartDifferenceMs === null ? '—' : signedText(turn.replyStartDifferenceMs)}</td>
                  <td data-left data-bad={isDoubtful(turn.verdict) || undefined}>
                    {t(`latency.soundVerdict.${turn.verdict}`)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function numberText(value: number | null): string {
  return value === null ? '—' : msText(value);
}
