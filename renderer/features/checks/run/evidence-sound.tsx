import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CheckEvidence } from '../../../../preload/contract/checks.ts';
import { ErrorText } from '../../../components/error-notice.tsx';
import { Sound } from '../../../components/sound.tsx';
import { useReply } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { durationText } from '../../../lib/quantities.ts';
import { wavSamples } from '../../session/player/wav-samples.ts';
import { useCheckWords } from '../check-words.ts';
import css from './details.module.css';
import { extremesOf, outlineOf } from './waveform.ts';

/** A sound that was kept with the run, with its shape. Its place is kept free until it is there. */
export function EvidenceSound({ runId, evidence }: { runId: string; evidence: Extract<CheckEvidence, { kind: 'sound' }> }) {
  const words = useCheckWords();
  const { id, label, durationMs } = evidence;
  const sound = useReply('checks.evidence', { runId, id });
  return (
    <figure className={css.evidence}>
      <figcaption>
        <b>{words.label(label)}</b>
        <span className="quiet">{durationText(durationMs * 1000)}</span>
      </figcaption>
      <div className={css.sound}>
        {sound.error !== null && <ErrorText error={errorValueOf(sound.error)} />}
        {sound.data !== undefined && (
          <>
            <Waveform wav={sound.data.wav} />
            <Sound wav={sound.data.wav} label={words.label(label)} />
          </>
        )}
      </div>
    </figure>
  );
}

const columns = 480;

export function Waveform({ wav }: { wav: Uint8Array }) {
  const { t } = useTranslation();
  const outline = useMemo(() => {
    try {
      return outlineOf(extremesOf(wavSamples(wav), columns));
    } catch {
      return null; // a WAV of another format is played, not drawn
    }
  }, [wav]);
  if (outline === null) return null;
  return (
    <svg
      className={css.waveform}
      viewBox={`0 0 ${columns} 2`}
      preserveAspectRatio="none"
      role="img"
      aria-label={t('checks.evidence.shape')}
    >
      <path d={outline} fill="var(--user)" stroke="var(--user)" strokeWidth={1} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
