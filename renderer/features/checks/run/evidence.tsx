import { useTranslation } from 'react-i18next';
import type { CheckEvidence, CheckResult, CheckRun } from '../../../../preload/contract/checks.ts';
import { shortAddress } from '../../../lib/log-columns.ts';
import { useCheckWords } from '../check-words.ts';
import shared from '../checks.module.css';
import css from './details.module.css';
import { EvidenceCurve } from './evidence-curve.tsx';
import { EvidenceSound } from './evidence-sound.tsx';

/** What a verdict rests on. What boards say is text, never markup. */
export function Evidence({ run, result, evidence }: { run: CheckRun; result: CheckResult; evidence: CheckEvidence }) {
  switch (evidence.kind) {
    case 'rows':
      return <Rows run={run} result={result} evidence={evidence} />;
    case 'packets':
      return <Packets run={run} result={result} evidence={evidence} />;
    case 'turn':
      return <Turn run={run} result={result} evidence={evidence} />;
    case 'sound':
      return <EvidenceSound runId={run.id} evidence={evidence} />;
    case 'curve':
      return <EvidenceCurve evidence={evidence} />;
    case 'lines':
      return <Lines evidence={evidence} />;
  }
}

type Of<Kind extends CheckEvidence['kind']> = Extract<CheckEvidence, { kind: Kind }>;

function sessionLink(sessionId: string, parameters: Record<string, string>): string {
  return `#/sessions/${encodeURIComponent(sessionId)}?${new URLSearchParams(parameters)}`;
}

interface Recorded<Kind extends CheckEvidence['kind']> {
  run: CheckRun;
  result: CheckResult;
  evidence: Of<Kind>;
}

/** The check's own part of a session, which may be hours long, and be recorded on. */
function stretchOf({ startedUs, durationMs }: CheckResult): Record<string, string> {
  if (startedUs === null || durationMs === null) return {};
  return { t: `${Math.round(startedUs)}`, view: `${Math.round(startedUs)}-${Math.round(startedUs + durationMs * 1000)}` };
}

function Rows({ run, result, evidence: { port, fromSeq, toSeq, lines } }: Recorded<'rows'>) {
  const { t } = useTranslation();
  const more = toSeq - fromSeq + 1 - lines.length;
  return (
    <figure className={css.evidence}>
      <figcaption>
        <b>{t('checks.evidence.rows')}</b>
        <span className="mono quiet">{shortAddress(port)}</span>
        <span className={shared.grow} />
        {run.sessionId === null ? (
          <a href={`#/monitor?${new URLSearchParams({ port })}`}>{t('checks.evidence.openMonitor')}</a>
        ) : (
          <a href={sessionLink(run.sessionId, { sel: `log:${fromSeq}:${port}`, ...stretchOf(result) })}>{t('checks.evidence.openRows')}</a>
        )}
      </figcaption>
      <TextLines lines={lines} label={t('checks.evidence.rows')} />
      {more > 0 && <small className="quiet">{t('checks.evidence.moreRows', { count: more })}</small>}
    </figure>
  );
}

function Lines({ evidence: { label, lines } }: { evidence: Of<'lines'> }) {
  const words = useCheckWords();
  return (
    <figure className={css.evidence}>
      <figcaption>
        <b>{words.label(label)}</b>
      </figcaption>
      <TextLines lines={lines} label={words.label(label)} />
    </figure>
  );
}

function TextLines({ lines, label }: { lines: readonly string[]; label: string }) {
  if (lines.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is cut off is scrolled by key
    <section className={css.lines} tabIndex={0} aria-label={label}>
      <pre dir="auto">{lines.join('\n')}</pre>
    </section>
  );
}

/** A packet has no place of its own in an address: its check's stretch has. */
function Packets({ run, result, evidence: { conversationId, track, fromIndex, toIndex } }: Recorded<'packets'>) {
  const { t } = useTranslation();
  return (
    <figure className={css.evidence}>
      <figcaption>
        <b>{t(`checks.track.${track}`)}</b>
        <span>{t('checks.evidence.packets', { from: fromIndex, to: toIndex })}</span>
        <span className={shared.grow} />
        {run.sessionId !== null && (
          <a href={sessionLink(run.sessionId, { conversation: conversationId, ...stretchOf(result) })}>
            {t('checks.evidence.openPackets')}
          </a>
        )}
      </figcaption>
    </figure>
  );
}

function Turn({ run, result, evidence: { conversationId, turnId, userText, replyText } }: Recorded<'turn'>) {
  const { t } = useTranslation();
  return (
    <figure className={css.evidence}>
      <figcaption>
        <b>{t('checks.evidence.turn', { number: turnId })}</b>
        <span className={shared.grow} />
        {run.sessionId !== null && (
          <a
            href={sessionLink(run.sessionId, {
              ...{ conversation: conversationId, sel: `turn:${turnId}:${conversationId}` },
              ...stretchOf(result),
            })}
          >
            {t('checks.evidence.openTurn')}
          </a>
        )}
      </figcaption>
      <dl className={css.turn}>
        <dt>{t('checks.evidence.user')}</dt>
        <dd dir="auto">{userText === '' ? '—' : userText}</dd>
        <dt>{t('checks.evidence.agent')}</dt>
        <dd dir="auto">{replyText === '' ? '—' : replyText}</dd>
      </dl>
    </figure>
  );
}
