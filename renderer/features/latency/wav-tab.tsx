import { Button, FileButton, SegmentedControl } from '@mantine/core';
import { IconFileMusic } from '@tabler/icons-react';
import { type DragEvent, useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecordingAnalysis } from '../../../preload/contract/latency.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { errorValueOf } from '../../lib/errors.ts';
import { readFile } from '../../lib/files.ts';
import { useLab } from '../../lib/lab.ts';
import { durationText } from '../../lib/quantities.ts';
import css from './latency.module.css';
import { WavFigures } from './wav-figures.tsx';

type User = 'left' | 'right';

/** A stereo recording of any product, measured by its sound alone. */
export function WavTab() {
  const { t } = useTranslation();
  const lab = useLab();
  const [file, setFile] = useState<{ name: string; wav: Uint8Array } | null>(null);
  const [user, setUser] = useState<User>('left');
  const [isOver, setOver] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [analysis, setAnalysis] = useState<RecordingAnalysis | null>(null);

  async function measure(wav: Uint8Array, channel: User): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      setAnalysis(await lab.call('latency.recording', { wav: wav.slice(), user: channel }));
    } catch (failure) {
      setAnalysis(null);
      setError(failure);
    } finally {
      setBusy(false);
    }
  }
  async function take(chosen: File | null | undefined): Promise<void> {
    if (chosen === null || chosen === undefined) return;
    const wav = await readFile(chosen);
    setFile({ name: chosen.name, wav });
    await measure(wav, user);
  }
  function onDrop(event: Pick<DragEvent, 'preventDefault'> & { dataTransfer: DataTransfer | null }): void {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer?.files[0]);
  }
  // What is dropped beside the zone is meant for it as well.
  const onStrayDrop = useEffectEvent((event: globalThis.DragEvent) => {
    if (!event.defaultPrevented) onDrop(event);
  });
  useEffect(() => {
    const allow = (event: globalThis.DragEvent) => event.preventDefault();
    window.addEventListener('dragover', allow);
    window.addEventListener('drop', onStrayDrop);
    return () => {
      window.removeEventListener('dragover', allow);
      window.removeEventListener('drop', onStrayDrop);
    };
  }, []);

  return (
    <div className={css.page}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button inside does the same by keyboard */}
      <div
        className={css.drop}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <IconFileMusic size={24} stroke={1.5} aria-hidden />
        <div>
          <b>{file?.name ?? t('latency.wavDrop')}</b>
          <div className="quiet">{t('latency.wavHint')}</div>
        </div>
        <span className={css.grow} />
        <span>{t('latency.wavUser')}</span>
        <SegmentedControl
          aria-label={t('latency.wavUser')}
          value={user}
          onChange={(value) => {
            const channel = value === 'right' ? 'right' : 'left';
            setUser(channel);
            if (file !== null) void measure(file.wav, channel);
          }}
          data={[
            { value: 'left', label: t('latency.left') },
            { value: 'right', label: t('latency.right') },
          ]}
        />
        <FileButton accept="audio/wav,.wav" onChange={(chosen) => void take(chosen)}>
          {(props) => (
            <Button {...props} variant="default" loading={isBusy}>
              {t('latency.wavChoose')}
            </Button>
          )}
        </FileButton>
      </div>
      {error !== null && <ErrorNotice error={errorValueOf(error)} />}
      {analysis !== null && (
        <>
          <p className="quiet">
            {t('latency.wavLength', { length: durationText(analysis.durationMs * 1000), rate: analysis.sampleRate })} ·{' '}
            {t('latency.threshold', { user: analysis.thresholdDb.user.toFixed(0), agent: analysis.thresholdDb.agent.toFixed(0) })}
          </p>
          {analysis.turns.length === 0 ? (
            <p>{t('latency.wavNoTurns')}</p>
          ) : (
            <WavFigures key={`${file?.name} ${user}`} analysis={analysis} />
          )}
        </>
      )}
    </div>
  );
}
